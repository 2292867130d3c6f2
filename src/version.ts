/** The package's version. It is written here, since a page has no package.json; a test compares the two. */
export const version = (): string => "0.2.0";

/** True for the name of data that is a path: it has a separator or a dot. Other names are those of data sets. */
export const isPath = (name: string): boolean => /[/\\.]/.test(name);

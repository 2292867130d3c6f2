import { useId, useState } from "preact/hooks";

export interface FilesProps {
  readonly hint: string;
  readonly label?: string;
  onFiles(files: readonly { readonly path: string; readonly bytes: ArrayBuffer }[]): void;
}

/** A place to drop files and folders, with buttons that do the same. */
export function Files({ hint, label = "Choose files", onFiles }: FilesProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  const take = async (files: readonly { readonly path: string; readonly file: File }[]): Promise<void> => {
    if (files.length === 0) return;
    onFiles(await Promise.all(files.map(async ({ path, file }) => ({ path, bytes: await file.arrayBuffer() }))));
  };
  const chosen = (list: FileList | null): void => {
    void take([...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way; the inputs below are the other.
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={async (event) => {
        event.preventDefault();
        setOver(false);
        const entries = [...(event.dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
        await take((await Promise.all(entries.map(filesOf))).flat());
      }}
    >
      <p class="hint" id={id}>
        Drop here: {hint}
      </p>
      <p class="row">
        <label class="button">
          {label}
          <input
            type="file"
            multiple
            class="unseen"
            aria-describedby={id}
            onChange={(event) => chosen(event.currentTarget.files)}
          />
        </label>
        <label class="button">
          Choose a folder
          <input
            type="file"
            class="unseen"
            aria-describedby={id}
            {...{ webkitdirectory: true }}
            onChange={(event) => chosen(event.currentTarget.files)}
          />
        </label>
      </p>
    </div>
  );
}

/** All files of a dropped file or folder. */
async function filesOf(entry: FileSystemEntry): Promise<{ path: string; file: File }[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    return [
      {
        path,
        file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
      },
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives at most 100 entries at once.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) break;
    found.push(...part);
  }
  return (await Promise.all(found.map(filesOf))).flat();
}

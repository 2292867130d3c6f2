import { effect, type Signal, signal } from "@preact/signals";

/** A value of a setting, as it stands in a link. */
type Value = string | number | boolean;
type Values = { readonly [name: string]: Value };

/** Range of a number. */
export interface Limits {
  readonly least: number;
  readonly most: number;
}

interface Store {
  readonly limits: Readonly<Record<string, Limits>>;
  readonly defaults: Values;
  readonly current: Signal<Values>;
}

const stores = new Map<string, Store>();

/** Name of the view that the link opens. */
export const view = signal(viewOf(location.hash));

/**
 * Settings of one part of the studio. Those that differ from the defaults are in the link, as `part.name=value`; a link that
 * is opened sets them again. Numbers outside their limits are left at the default.
 */
export function settingsOf<S extends { readonly [N in keyof S]: Value }>(
  part: string,
  defaults: S,
  limits: { readonly [N in keyof S]?: Limits } = {},
): Signal<S> {
  const store = { defaults: defaults as unknown as Values, limits: limits as Readonly<Record<string, Limits>> };
  const current = signal(read(part, store, location.hash));
  stores.set(part, { ...store, current });
  return current as unknown as Signal<S>;
}

/** Changes some settings. */
export function change<S>(settings: Signal<S>, values: Partial<S>): void {
  settings.value = { ...settings.value, ...values };
}

/** Keeps the address and the settings the same. */
export function followLink(): void {
  addEventListener("hashchange", () => {
    view.value = viewOf(location.hash);
    for (const [part, store] of stores) store.current.value = read(part, store, location.hash);
  });
  effect(() => {
    const hash = linkTo(view.value);
    if (hash !== location.hash) history.replaceState(null, "", hash);
  });
}

/** The part of the address after `#` that opens a view with the settings of now. */
export function linkTo(name: string): string {
  const query = new URLSearchParams();
  for (const [part, { defaults, current }] of stores) {
    for (const [key, value] of Object.entries(current.value)) {
      if (value !== defaults[key]) query.set(`${part}.${key}`, String(value));
    }
  }
  const text = query.toString();
  return `#/${name}${text === "" ? "" : `?${text}`}`;
}

function viewOf(hash: string): string {
  return /^#\/([a-z]+)/.exec(hash)?.[1] ?? "train";
}

/** Reads the settings of a part. Values of another type than the default are left at the default. */
function read(part: string, { defaults, limits }: Pick<Store, "defaults" | "limits">, hash: string): Values {
  const query = new URLSearchParams(hash.split("?")[1] ?? "");
  return Object.fromEntries(
    Object.entries(defaults).map(([key, byDefault]) => {
      const text = query.get(`${part}.${key}`);
      if (text === null) return [key, byDefault];
      if (typeof byDefault === "number") {
        const { least, most } = limits[key] ?? { least: -Infinity, most: Infinity };
        return [key, text !== "" && Number(text) >= least && Number(text) <= most ? Number(text) : byDefault];
      }
      if (typeof byDefault === "boolean") return [key, text === "true"];
      return [key, text];
    }),
  );
}

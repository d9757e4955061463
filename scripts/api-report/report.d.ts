export interface Report {
  readonly pages: ReadonlyMap<string, string>;
  readonly declarations: ReadonlyMap<string, string>;
}

export function reportOf(
  folder: string,
  entryPoints: readonly { readonly specifier: string; readonly declarations: string }[],
): Report;

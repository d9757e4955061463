export interface EntryPoint {
  readonly specifier: string;
  readonly source: string;
  readonly declarations: string;
  readonly output: string;
}

export interface Program {
  readonly name: string;
  readonly source: string;
  readonly output: string;
}

export const entryPoints: readonly EntryPoint[];

export const programs: readonly Program[];

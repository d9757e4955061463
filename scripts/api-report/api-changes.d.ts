export interface ApiChange {
  readonly how: "added" | "changed" | "removed";
  readonly specifier: string;
  readonly name: string;
}

export function summaryOf(declarations: ReadonlyMap<string, string>): string;

export function changesBetween(published: string, present: string): ApiChange[];

export function untold(changes: readonly ApiChange[], published: string, changelog: string): ApiChange[];

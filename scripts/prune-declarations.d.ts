export function pruneDeclarations(folder: string, entries: readonly string[]): void;

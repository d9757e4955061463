// A plugin of TypeDoc's: entry points have the names by which others import them.
import { entryPoints } from "../package-entries.js";

/** TypeDoc names an entry point for its file, from the folder on that all of them have in common. */
const specifiers = new Map(
  entryPoints.map(({ source, specifier }) => [source.replace(/^src\/|(\/index)?\.ts$/g, ""), specifier]),
);

export function load(app) {
  app.converter.on("resolveBegin", ({ project }) => {
    for (const module of project.children) {
      const specifier = specifiers.get(module.name);
      if (specifier === undefined) throw new Error(`"${module.name}" is no entry point`);
      module.name = specifier;
    }
  });
}

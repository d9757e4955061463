// The report of the public API: for each entry point its names with their declarations, sorted.
import { PublicNames } from "./public-names.js";

/** The pages of the report, by file name, and the exported declarations, by "specifier name". */
export function reportOf(folder, entryPoints) {
  const names = new PublicNames(folder);
  const home = new Map();
  const pages = new Map();
  const declarations = new Map();
  // An entry point with fewer names comes first: `longrunning` exports again what `longrunning/client` does.
  const entries = entryPoints.map((entry) => ({ ...entry, exports: names.exportsOf(entry.declarations) }));
  for (const { specifier, exports } of entries.toSorted((a, b) => a.exports.size - b.exports.size)) {
    const sections = [];
    for (const [name, place] of byKey(exports)) {
      const key = `${place.path}#${place.name}`;
      const elsewhere = home.get(key);
      if (elsewhere === undefined) home.set(key, specifier);
      const text = elsewhere === undefined ? names.textOf(place) : `// ${name}: as in ${elsewhere}`;
      declarations.set(`${specifier} ${name}`, text);
      sections.push(text);
    }
    pages.set(`${specifier.replace("/", "-")}.md`, page(specifier, "What it exports.", sections));
  }
  const mentioned = mentionedBy(names, entries, home);
  const sections = mentioned.map((place) => `// ${place.path}\n${names.textOf(place)}`);
  const about = "What the exported declarations mention, and no entry point exports.";
  pages.set("mentioned.md", page("Mentioned", about, sections));
  return { pages, declarations };
}

function mentionedBy(names, entries, home) {
  const found = new Map();
  const next = entries.flatMap(({ exports }) => [...exports.values()]);
  for (let place = next.pop(); place !== undefined; place = next.pop()) {
    for (const mentioned of names.mentionedAt(place)) {
      const key = `${mentioned.path}#${mentioned.name}`;
      if (home.has(key) || found.has(key)) continue;
      found.set(key, mentioned);
      next.push(mentioned);
    }
  }
  return byKey(found).map(([, place]) => place);
}

function page(title, about, sections) {
  const hint = 'Made by "npm run api-report".';
  return `# ${title}\n\n${about} ${hint}\n\n\`\`\`ts\n${sections.join("\n\n")}\n\`\`\`\n`;
}

/** In the order of code units, so that every machine writes the same. */
function byKey(map) {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

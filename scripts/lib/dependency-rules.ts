import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Import } from './imports.ts';
import type { Workspace } from './workspaces.ts';

/** What the rules look at: the imports, and the workspaces with what each declares. */
export type Graph = { imports: Import[]; workspaces: Workspace[]; sharedTools: string[] };
export type Rule = { name: string; why: string; violations: (graph: Graph) => string[] };

/** Pure npm packages that `domain/` may use. A new one has to be free of I/O, clocks and random numbers. */
const pureForDomain = ['@coachloop/contracts', '@coachloop/scorecard', 'typebox'];

/** The places that put a system together, and so alone may name an adapter. */
const compositionRoots = [
  /^packages\/cli\/src\//,
  /^services\/[^/]+\/src\/main\.ts$/,
  /^packages\/service-kit\/src\/(adapters|distributed)\.ts$/,
  /^packages\/simulation\/src\//,
  /^packages\/bench\/src\//,
  /^packages\/drill\/src\//,
];

/** Client libraries that stay behind a port: the adapter's folder, and the tests of its package; and the bench's baseline without us. */
const drivers: Record<string, RegExp> = {
  kafkajs: /^packages\/(event-log\/(src\/kafka|test)\/|bench\/src\/kafka\/bare\.ts$)/,
  mongoose: /^packages\/document-store\/(src\/mongo|test)\//,
  mongodb: /^packages\/document-store\/(src\/mongo|test)\//,
};

/** Tests and benches put things together themselves. */
const isTest = (file: string) => /^[^/]+\/[^/]+\/(test|bench)\//.test(file);
const isRelative = (specifier: string) => /^\.{1,2}(\/|$)/.test(specifier);
const packageName = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const subpath = (specifier: string) => specifier.slice(packageName(specifier).length + 1);
const target = ({ file, specifier }: Import) => posix.join(posix.dirname(file), specifier);
const at = ({ file, line, specifier }: Import) => `${file}:${line} imports ${specifier}`;

const ownerOf = (file: string, { workspaces }: Graph) => workspaces.find(({ folder }) => file.startsWith(`${folder}/`));

/** The workspace that an import leads to, by name or by a path. */
function reached(entry: Import, graph: Graph): Workspace | undefined {
  if (isRelative(entry.specifier)) return ownerOf(target(entry), graph);
  return graph.workspaces.find(({ name }) => name === packageName(entry.specifier));
}

const forEachImport = (breaks: (entry: Import, graph: Graph) => boolean) => (graph: Graph) =>
  graph.imports.filter((entry) => breaks(entry, graph)).map(at);

export const rules: Rule[] = [
  {
    name: 'services stand alone',
    why: 'services share contracts and nothing else',
    violations: forEachImport((entry, graph) => {
      const to = reached(entry, graph);
      return (
        entry.file.startsWith('services/') &&
        to?.folder.startsWith('services/') === true &&
        to !== ownerOf(entry.file, graph)
      );
    }),
  },
  {
    name: 'packages know no service',
    why: 'only the command line, the simulation, the bench and the comparison with the truth put services together',
    violations: forEachImport(
      (entry, graph) =>
        entry.file.startsWith('packages/') &&
        !/^packages\/(bench|cli|simulation|truth)\//.test(entry.file) &&
        reached(entry, graph)?.folder.startsWith('services/') === true,
    ),
  },
  {
    name: 'domain is pure',
    why: `transitions do no I/O: they may use ${pureForDomain.join(', ')} and their own folder`,
    violations: forEachImport((entry) => {
      const domain = /^services\/[^/]+\/src\/domain\//.exec(entry.file)?.[0];
      if (domain === undefined) return false;
      return isRelative(entry.specifier)
        ? !target(entry).startsWith(domain)
        : !pureForDomain.includes(packageName(entry.specifier));
    }),
  },
  {
    name: 'adapters at composition roots',
    why: 'everything else knows the ports alone',
    violations: forEachImport((entry) => {
      const isPort = ['@coachloop/event-log', '@coachloop/document-store'].includes(packageName(entry.specifier));
      if (!isPort || ['', 'conformance'].includes(subpath(entry.specifier))) return false;
      return !isTest(entry.file) && !compositionRoots.some((place) => place.test(entry.file));
    }),
  },
  {
    name: 'drivers inside their adapters',
    why: 'a client library can be replaced in one folder',
    violations: forEachImport((entry) => {
      const home = drivers[packageName(entry.specifier)];
      return home !== undefined && !home.test(entry.file);
    }),
  },
  {
    name: 'other packages by name',
    why: 'a path into another package goes round its exports and turbo does not see it',
    violations: forEachImport((entry, graph) => {
      if (!isRelative(entry.specifier)) return false;
      const owner = ownerOf(entry.file, graph);
      const isSharedConfig = entry.file === `${owner?.folder}/vitest.config.ts` && target(entry) === 'vitest.base.ts';
      return ownerOf(target(entry), graph) !== owner && !isSharedConfig;
    }),
  },
  {
    name: 'what is imported is declared',
    why: "turbo's cache and npm know a package's dependencies from its package.json",
    violations: forEachImport((entry, graph) => {
      if (isRelative(entry.specifier) || isBuiltin(entry.specifier) || entry.specifier.startsWith('virtual:'))
        return false;
      const owner = ownerOf(entry.file, graph);
      const name = packageName(entry.specifier);
      if (owner === undefined || name === owner.name || owner.declared.includes(name)) return false;
      const isTool = isTest(entry.file) || !entry.file.startsWith(`${owner.folder}/src/`);
      return !(isTool && graph.sharedTools.includes(name));
    }),
  },
  {
    name: 'no cycles between packages',
    why: 'each package can be understood, tested and cached after those under it',
    violations: (graph) => findCycles(graph),
  },
];

/** Every cycle once, as `a → b → a`; declared dependencies count like imports, for turbo goes by them. */
function findCycles(graph: Graph): string[] {
  const { workspaces } = graph;
  const edges = new Map(
    workspaces.map(({ name, declared }) => [
      name,
      new Set(declared.filter((to) => workspaces.some((w) => w.name === to))),
    ]),
  );
  for (const entry of graph.imports) {
    const from = ownerOf(entry.file, graph);
    const to = reached(entry, graph);
    if (from && to && from !== to) edges.get(from.name)?.add(to.name);
  }
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: string[]) => {
    if (path.includes(name)) cycles.push([...path.slice(path.indexOf(name)), name].join(' → '));
    if (path.includes(name) || done.has(name)) return;
    for (const next of edges.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const { name } of workspaces) visit(name, []);
  return cycles;
}

// What the declarations that an entry point of the package exports refer to, in the built .d.ts files.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from '@swc/core';

const parsed = new Map();

/** Of a built file: its declarations, what it imports, and what it exports, by name. */
function moduleOf(file) {
  const known = parsed.get(file);
  if (known) return known;
  // Spans count bytes from the first token: with this one, from the beginning.
  const text = Buffer.from(`export {};\n${readFileSync(file, 'utf8')}`);
  const { body, span } = parseSync(text.toString(), { syntax: 'typescript', target: 'es2022' });
  const found = { file, declared: new Map(), imported: new Map(), exported: new Map(), texts: new Map() };
  parsed.set(file, found);
  for (const item of body) {
    read(item, found);
    const [start, end] = [item.span.start - span.start, item.span.end - span.start];
    const [comment = ''] = /\/\*\*((?!\*\/)[\s\S])*\*\/\s*$/.exec(text.subarray(0, start).toString()) ?? [];
    const whole = comment + text.subarray(start, end).toString();
    for (const name of namesOf(item.declaration ?? item)) add(found.texts, name, whole);
  }
  return found;
}

const resolved = (path, from) => join(dirname(from), path.replace(/\.[jt]s$/, '.d.ts'));
const isOwn = path => path.startsWith('.');

function read(item, { file, declared, imported, exported }) {
  switch (item.type) {
    case 'ImportDeclaration':
      if (!isOwn(item.source.value)) return;
      for (const { type, local, imported: name } of item.specifiers) {
        const from = resolved(item.source.value, file);
        imported.set(local.value, {
          file: from,
          name: type === 'ImportNamespaceSpecifier' ? '*' : (name?.value ?? local.value),
        });
      }
      return;
    case 'ExportNamedDeclaration':
      for (const { orig, exported: name } of item.specifiers) {
        const from = item.source && isOwn(item.source.value) ? resolved(item.source.value, file) : file;
        if (item.source && !isOwn(item.source.value)) continue;
        exported.set(name?.value ?? orig.value, { file: from, name: orig.value });
      }
      return;
    case 'ExportDeclaration':
      for (const name of namesOf(item.declaration)) {
        add(declared, name, item.declaration);
        exported.set(name, { file, name });
      }
      return;
    default:
      for (const name of namesOf(item)) add(declared, name, item);
  }
}

const add = (declared, name, node) => declared.set(name, [...(declared.get(name) ?? []), node]);

function namesOf(node) {
  if (node.type === 'VariableDeclaration')
    return node.declarations.flatMap(({ id }) => (id.value ? [id.value] : []));
  const name = node.identifier?.value ?? node.id?.value;
  return name === undefined ? [] : [name];
}

/** Where a name is declared that a file exports or uses. */
function declarationOf(name, file) {
  const { declared, imported, exported } = moduleOf(file);
  const [space, member] = name.split('.');
  if (declared.has(space)) return { name: space, file };
  const whole = member === undefined ? undefined : imported.get(space);
  if (whole?.name === '*') return declarationOf(member, whole.file);
  const target = imported.get(space) ?? exported.get(space);
  if (!target || !existsSync(target.file)) return undefined;
  if (target.name === '*') return undefined;
  return target.file === file ? undefined : declarationOf(target.name, target.file);
}

/** The names that a declaration refers to, without those of its own type parameters. */
function references(node, found = new Map(), bound = new Set()) {
  if (Array.isArray(node)) {
    for (const one of node) references(one, found, bound);
    return found;
  }
  if (node === null || typeof node !== 'object') return found;
  const inner = new Set(bound);
  for (const { name } of node.typeParams?.parameters ?? node.typeParameters?.parameters ?? [])
    inner.add(name.value);
  if (node.type === 'TsMappedType') inner.add(node.typeParam.name.value);
  if (node.type === 'TsConditionalType') for (const name of inferred(node.extendsType)) inner.add(name);
  const named = nameIn(node);
  if (named !== undefined && !inner.has(named.split('.')[0])) found.set(named, undefined);
  if (node.type === 'TsImportType' && isOwn(node.argument.value)) {
    const first = leftmost(node.qualifier);
    if (first !== undefined) found.set(first, node.argument.value);
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'span') references(value, found, inner);
  return found;
}

function nameIn(node) {
  switch (node.type) {
    case 'TsTypeReference':
      return leading(node.typeName);
    case 'TsTypeQuery':
      return leading(node.exprName);
    case 'TsExpressionWithTypeArguments':
      return leftmost(node.expression);
    case 'ClassDeclaration':
      return node.superClass ? leftmost(node.superClass) : undefined;
    default:
      return undefined;
  }
}

/** Of a name within a namespace, both; otherwise the first. */
const leading = node =>
  node?.left?.type === 'Identifier' ? `${node.left.value}.${node.right.value}` : leftmost(node);

const leftmost = node => {
  if (!node) return undefined;
  if (node.type === 'Identifier') return node.value;
  return leftmost(node.left ?? node.object);
};

function inferred(node, names = []) {
  if (Array.isArray(node)) for (const one of node) inferred(one, names);
  else if (node && typeof node === 'object') {
    if (node.type === 'TsInferType') names.push(node.typeParam.name.value);
    for (const value of Object.values(node)) inferred(value, names);
  }
  return names;
}

/**
 * Walks from what an entry exports to all that it refers to.
 * @param isOpaque whether hosts pass a type of this name on without looking into it: it isn't walked into.
 * @returns the declarations reached, with their texts, what has led to each, and whether it is a type that its module
 * exports: constants of which only the type is used, and types that are local to their module, are no business of hosts.
 */
export function declarationsReachableFrom(entry, isOpaque = () => false) {
  const reached = new Map();
  const waiting = [];
  const visit = (declaration, from) => {
    const key = `${declaration.file}#${declaration.name}`;
    if (reached.has(key)) return;
    reached.set(key, { ...declaration, from });
    if (!isOpaque(declaration.name)) waiting.push(declaration);
  };
  for (const name of exportedNames(entry)) {
    const declaration = declarationOf(name, entry);
    if (declaration) visit(declaration, undefined);
  }
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for (const node of moduleOf(next.file).declared.get(next.name) ?? []) {
      for (const [name, path] of references(node)) {
        const declaration = declarationOf(name, path ? resolved(path, next.file) : next.file);
        if (declaration) visit(declaration, next.name);
      }
    }
  }
  return [...reached.values()].map(one => ({ ...one, isType: isExportedType(one), text: textOf(one) }));
}

/** The text of a declaration, with its comments. */
const textOf = ({ name, file }) => (moduleOf(file).texts.get(name) ?? []).join('\n');

/** The names that a file exports. */
export const exportedNames = file => [...moduleOf(file).exported.keys()];

function isExportedType({ name, file }) {
  const { exported, declared } = moduleOf(file);
  if (!exported.has(name)) return false;
  const nodes = declared.get(name) ?? [];
  return nodes.some(({ type }) =>
    ['TsInterfaceDeclaration', 'TsTypeAliasDeclaration', 'ClassDeclaration', 'TsEnumDeclaration'].includes(
      type,
    ),
  );
}

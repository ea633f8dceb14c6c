import { isObject } from '../../argument.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a schema is read in. */
interface Reading {
  readonly root: Json;
  /** Values made so far: a recursive schema has no end. */
  made: number;
  /** Which of several different samples is asked for, from 0 on: of lists whose items have to differ. */
  nth: number;
}

/** Beyond these, what may be left out is left out. */
const DEEPEST = 4;
const MOST_OPTIONAL = 500;
/** Beyond these, there is no sample. */
const DEEPEST_REQUIRED = 50;
const MOST = 5_000;

/**
 * A value for a JSON Schema of an object, the same each time: what `const`, `enum`, `examples` and `default` say, else
 * `sample`, 1 and true, within the bounds, and one of each list. Optional properties are there if there is a sample of them.
 * Undefined where none is found. It is not checked: `if`, `not` and the like are not looked at.
 */
export function sampleOutput(schema: Json): Json | undefined {
  const sample = sampleOf(schema, { root: schema, made: 0, nth: 0 }, 0);
  return isObject(sample) ? sample : undefined;
}

/** Undefined if there is none. */
function sampleOf(given: unknown, reading: Reading, depth: number): unknown {
  reading.made += 1;
  if (given === false || depth > DEEPEST_REQUIRED || reading.made > MOST) return undefined;
  const schema = isObject(given) ? given : {};
  const { nth } = reading;
  const choices: unknown[] = Array.isArray(schema.enum) ? schema.enum : [];
  const examples: unknown[] = Array.isArray(schema.examples) ? schema.examples : [];
  const [said] = [
    ...('const' in schema ? [schema.const] : []),
    ...(choices.length > 0 ? [choices[nth % choices.length]] : []),
    ...examples.slice(nth, nth + 1),
    ...('default' in schema && nth === 0 ? [schema.default] : []),
  ];
  if (said !== undefined) return said;
  const { $ref, allOf, anyOf, oneOf, ...rest } = schema;
  if (typeof $ref === 'string') return sampleOf(pointed($ref, reading.root), reading, depth + 1);
  if (Array.isArray(allOf)) return sampleOf(allOf.reduce<Json>(merged, rest), reading, depth + 1);
  for (const choices of [anyOf, oneOf]) {
    if (Array.isArray(choices))
      return firstOf(choices, choice => sampleOf(merged(rest, choice), reading, depth + 1));
  }
  return firstOf(typesOf(rest, depth), type => ofType(type, rest, reading, depth));
}

function ofType(type: unknown, schema: Json, reading: Reading, depth: number): unknown {
  switch (type) {
    case 'object':
      return objectOf(schema, reading, depth);
    case 'array':
      return arrayOf(schema, reading, depth);
    case 'string':
      return textOf(schema, reading.nth);
    case 'integer':
    case 'number':
      return numberOf(schema, type === 'integer' ? 1 : undefined, reading.nth);
    case 'boolean':
      return reading.nth % 2 === 0;
    default:
      return null;
  }
}

function objectOf(schema: Json, reading: Reading, depth: number): Json | undefined {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const entries: [string, unknown][] = [];
  for (const name of new Set([...Object.keys(properties), ...required])) {
    const needed = required.includes(name);
    if (!needed && (depth > DEEPEST || reading.made > MOST_OPTIONAL)) continue;
    const value = sampleOf(properties[name] ?? schema.additionalProperties, reading, depth + 1);
    if (value !== undefined) entries.push([name, value]);
    else if (needed) return undefined;
  }
  return Object.fromEntries(entries);
}

function arrayOf(schema: Json, reading: Reading, depth: number): unknown[] | undefined {
  const { items, additionalItems, minItems = 0, maxItems = Number.POSITIVE_INFINITY, uniqueItems } = schema;
  const tuple = Array.isArray(items) ? items : [];
  const wanted = depth > DEEPEST ? 0 : Math.max(tuple.length, 1);
  const count = Math.min(Math.max(Number(minItems), wanted), Number(maxItems));
  const values: unknown[] = [];
  const known = new Set<string>();
  const { nth } = reading;
  for (let turn = 0; values.length < count && turn < 2 * count + MOST_SAME; turn++) {
    const item = tuple.length > 0 ? (tuple[values.length] ?? additionalItems) : items;
    reading.nth = uniqueItems === true ? nth + turn : nth;
    const value = sampleOf(item, reading, depth + 1);
    reading.nth = nth;
    if (value === undefined) break;
    const text = JSON.stringify(value);
    if (uniqueItems !== true || !known.has(text)) values.push(value);
    known.add(text);
  }
  return values.length < Number(minItems) ? undefined : values;
}

/** How often more a sample may be one that is there already. */
const MOST_SAME = 10;

function textOf({ pattern, minLength = 0, maxLength }: Json, nth: number): string | undefined {
  if (pattern !== undefined || Number(minLength) > LONGEST) return undefined;
  return `${nth === 0 ? '' : nth + 1}sample`
    .padEnd(Number(minLength), '.')
    .slice(0, maxLength === undefined ? undefined : Number(maxLength));
}

const LONGEST = 10_000;

function numberOf(schema: Json, whole: number | undefined, nth: number): number | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf = whole } = schema;
  const step = Number(multipleOf ?? 1);
  const bounds = [minimum, exclusiveMinimum, maximum, exclusiveMaximum].filter(
    bound => typeof bound === 'number',
  );
  const near = bounds.flatMap(bound => {
    const multiple = Math.round(bound / step) * step;
    return [bound, multiple, multiple + step, multiple - step];
  });
  const middle = bounds.reduce((sum, bound) => sum + bound, 0) / bounds.length;
  const isIn = (value: number) =>
    (multipleOf === undefined || Number.isInteger(value / step)) &&
    (typeof minimum !== 'number' || value >= minimum) &&
    (typeof exclusiveMinimum !== 'number' || value > exclusiveMinimum) &&
    (typeof maximum !== 'number' || value <= maximum) &&
    (typeof exclusiveMaximum !== 'number' || value < exclusiveMaximum);
  const first = [1, step, ...near, middle].find(isIn);
  if (first === undefined || nth === 0) return first;
  const between = bounds.map(bound => first + (bound - first) / (nth + 1));
  return [first + nth * step, first - nth * step, ...between].find(isIn) ?? first;
}

/** Which types to try, null last. */
function typesOf({ type, properties, required, items, pattern }: Json, depth: number): readonly unknown[] {
  if (type === undefined) {
    if (properties !== undefined || required !== undefined) return ['object'];
    return [items === undefined || pattern !== undefined ? 'string' : 'array'];
  }
  const types = Array.isArray(type) ? type : [type];
  const nulls = types.filter(one => one === 'null');
  const others = types.filter(one => one !== 'null');
  return depth > DEEPEST ? [...nulls, ...others] : [...others, ...nulls];
}

function firstOf(choices: readonly unknown[], sample: (choice: unknown) => unknown): unknown {
  for (const choice of choices) {
    const value = sample(choice);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Two schemas that both hold, as far as they don't say the same thing differently. */
function merged(one: Json, other: unknown): Json {
  if (!isObject(other)) return one;
  const both: Record<string, unknown> = { ...one, ...other };
  if (isObject(one.properties) && isObject(other.properties))
    both.properties = { ...one.properties, ...other.properties };
  if (Array.isArray(one.required) && Array.isArray(other.required))
    both.required = [...one.required, ...other.required];
  return both;
}

/** What a reference within the schema names; `false` if there is nothing. */
function pointed(ref: string, root: Json): unknown {
  if (ref !== '#' && !ref.startsWith('#/')) return false;
  const names = ref
    .split('/')
    .slice(1)
    .map(name => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'));
  let found: unknown = root;
  for (const name of names) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return false;
    found = found[name];
  }
  return found;
}

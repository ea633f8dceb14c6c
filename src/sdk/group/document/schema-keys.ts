import { z } from 'zod';

/** The keys allowed in the map at `path` of what `root` describes, over all members of unions. */
export function knownKeys(root: z.core.$ZodType, path: readonly (string | number)[]): string[] {
  return schemasAt(root, path).flatMap(schema =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  );
}

/** Whether `path` may contain a list. */
export function isList(root: z.core.$ZodType, path: readonly (string | number)[]): boolean {
  return schemasAt(root, path).some(schema => schema instanceof z.ZodArray || schema instanceof z.ZodTuple);
}

function schemasAt(root: z.core.$ZodType, path: readonly (string | number)[]): z.core.$ZodType[] {
  let schemas = unwrapped(root);
  for (const segment of path) schemas = schemas.flatMap(schema => inside(schema, segment)).flatMap(unwrapped);
  return schemas;
}

function inside(schema: z.core.$ZodType, segment: string | number): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const field: z.core.$ZodType | undefined = Object.hasOwn(schema.shape, segment)
      ? schema.shape[segment]
      : undefined;
    return field === undefined ? [] : [field];
  }
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return [];
}

/** Unwraps defaults, optionals and transforms; a union yields all its members. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped);
  return [schema];
}

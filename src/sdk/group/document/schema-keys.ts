import { z } from 'zod';

/** The keys that may stand in the map at `path` of what `root` describes, over all members of unions. */
export function knownKeys(root: z.core.$ZodType, path: readonly (string | number)[]): string[] {
  return schemasAt(root, path).flatMap(schema =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  );
}

/** Whether `path` may hold a list, and never a map or a bare value. */
export function isList(root: z.core.$ZodType, path: readonly (string | number)[]): boolean {
  return schemasAt(root, path).some(schema => schema instanceof z.ZodArray);
}

function schemasAt(root: z.core.$ZodType, path: readonly (string | number)[]): z.core.$ZodType[] {
  let schemas = bare(root);
  for (const segment of path) schemas = schemas.flatMap(schema => inside(schema, segment)).flatMap(bare);
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

/** Without defaults, optionals and transforms; a union is all its members. */
function bare(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return bare(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return bare(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(bare);
  return [schema];
}

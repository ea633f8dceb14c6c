import type { z } from 'zod';
import { DEEPEST_JSON, isShallow } from '../../sdk/json.ts';
import { HttpError } from './api-error.ts';

/**
 * Parses and validates the JSON body of a request; an absent body is an empty object.
 * @throws HttpError 413, 415 or 400.
 */
export async function readBody<S extends z.ZodType>(
  request: Request,
  schema: S,
  maxBytes: number,
): Promise<z.output<S>> {
  const length = Number(request.headers.get('content-length') ?? 0);
  if (length > maxBytes) throw tooLarge(maxBytes);
  const text = await readText(request, maxBytes);
  if (text.trim() === '') return checked({}, schema);
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpError(415, 'unsupported_type', 'the body must be application/json');
  }
  return checked(parsed(text), schema);
}

/** Validates the query; each key may occur once. @throws HttpError 400. */
export function readQuery<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  return checked(Object.fromEntries(new URL(request.url).searchParams), schema);
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const { body } = request;
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (isShallow(value)) return value;
  } catch {
    throw new HttpError(400, 'malformed_json', 'the body is not JSON');
  }
  throw new HttpError(400, 'malformed_json', `the body is nested deeper than ${DEEPEST_JSON} levels`);
}

function checked<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  const path = issue?.path.join('.') ?? '';
  const message = `${path === '' ? '' : `${path}: `}${issue?.message ?? 'invalid'}`;
  throw new HttpError(400, 'invalid_request', message);
}

const tooLarge = (maxBytes: number): HttpError =>
  new HttpError(413, 'too_large', `the body exceeds ${maxBytes} bytes`);

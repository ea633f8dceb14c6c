import type { ApiError } from '../../api-types.ts';

/** An error response of the server, or `unreachable` with status 0. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(status: number, { code, message, hint }: ApiError['error']) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** The HTTP API with this tab's token. Calls reject with an ApiFailure or the signal's reason. */
export interface Api {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** The body of an event stream. */
  stream(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<StreamBody>;
}

export type StreamBody = ReadableStream<Uint8Array<ArrayBuffer>>;

export function createApi(token: string): Api {
  const ask = async (path: string, init: RequestInit & { readonly headers?: Record<string, string> }) => {
    const headers = { ...init.headers, Authorization: `Bearer ${token}` };
    const asked = fetch(`/api/v1${path}`, { ...init, headers, cache: 'no-store' });
    const response = await asked.catch((cause: unknown) => {
      if (init.signal?.aborted) throw cause;
      throw UNREACHABLE();
    });
    if (!response.ok) throw await failureOf(response);
    return response;
  };
  const read = async <T>(response: Response): Promise<T> =>
    (await response.json().catch(() => {
      throw UNREACHABLE();
    })) as T;
  return {
    get: async (path, signal) => read(await ask(path, signal === undefined ? {} : { signal })),
    post: async (path, body = {}) =>
      read(
        await ask(path, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ),
    async stream(path, headers, signal) {
      const { body } = await ask(path, { headers: { ...headers, Accept: 'text/event-stream' }, signal });
      if (body === null) throw UNREACHABLE();
      return body;
    },
  };
}

const UNREACHABLE = () =>
  new ApiFailure(0, {
    code: 'unreachable',
    message: 'the server is not responding',
    hint: 'The page reconnects once it is running again.',
  });

async function failureOf(response: Response): Promise<ApiFailure> {
  const fallback = { code: 'unexpected', message: `the server answered ${response.status}` };
  const body = (await response.json().catch(() => undefined)) as Partial<ApiError> | undefined;
  return new ApiFailure(response.status, body?.error ?? fallback);
}

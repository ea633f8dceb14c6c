import type { Context } from 'hono';
import { z } from 'zod';
import { eventStream, type StreamWorld } from '../live/event-stream.ts';
import { HttpError } from './api-error.ts';
import { readQuery } from './body.ts';

const Seq = z.coerce.number().int().nonnegative();
const StreamQuery = z.looseObject({
  fromSeq: Seq.default(0),
  view: z.enum(['all', 'progress']).default('all'),
});

/** `GET /groups/:id/events`: server-sent events; `Last-Event-ID` takes precedence over `fromSeq`. */
export function streamRoute(world: StreamWorld, maxStreams: number) {
  let open = 0;
  return async (c: Context): Promise<Response> => {
    const { fromSeq, view } = readQuery(c.req.raw, StreamQuery);
    const last = c.req.header('last-event-id');
    const lastSeen = last === undefined || last === '' ? undefined : Seq.safeParse(last);
    if (lastSeen?.success === false) {
      throw new HttpError(400, 'invalid_request', 'Last-Event-ID: expected an event number');
    }
    const id = c.req.param('id') ?? '';
    await world.access.read(id);
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' };
    if (c.req.raw.method === 'HEAD') return new Response(null, { headers });
    if (open >= maxStreams) {
      throw new HttpError(503, 'too_many_streams', `more than ${maxStreams} event streams`, 'Close a page.');
    }
    open += 1;
    const first = lastSeen === undefined ? fromSeq : lastSeen.data + 1;
    const stream = eventStream({ id, fromSeq: view === 'all' ? first : undefined }, world, () => {
      open -= 1;
    });
    return new Response(stream, { headers });
  };
}

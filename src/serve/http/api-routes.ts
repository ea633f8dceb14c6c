import { isAbsolute } from 'node:path';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { GROUP_STATUSES } from '../../../machines/vocabulary.ts';
import { given } from '../../sdk/given.ts';
import { type ChangingVerb, VERB_NAMES, VERBS } from '../../words/verbs.ts';
import { attentionDetail } from '../api/attention.ts';
import { CreateBody, createGroup } from '../api/create-group.ts';
import {
  checkAgain,
  cleanGroup,
  openRequests,
  PrBody,
  sessionChecks,
  undoDelivery,
} from '../api/delivery-verbs.ts';
import { groupCost, groupResult } from '../api/group-accounts.ts';
import { deliveryDetail, groupDiff, sessionDiff } from '../api/group-delivery.ts';
import { groupDetail } from '../api/group-detail.ts';
import { listedGroups } from '../api/group-list.ts';
import { sessionConfiguration } from '../api/session-configuration.ts';
import { sessionDetail } from '../api/session-detail.ts';
import { sessionTranscript, toolOutput } from '../api/session-transcript.ts';
import { executeVerb, Leaving, Taking } from '../api/verbs.ts';
import type { ApiWorld } from '../api/world.ts';
import { readBody, readQuery } from './body.ts';
import type { ServerLimits } from './limits.ts';

const Flag = z.enum(['true', 'false']).transform(word => word === 'true');

const ListQuery = z.strictObject({
  /** One or several, separated by commas. */
  status: z
    .string()
    .transform(text => text.split(','))
    .pipe(z.array(z.enum([...GROUP_STATUSES, 'interrupted'])))
    .optional(),
  /** ISO 8601. */
  since: z
    .string()
    .transform(text => Date.parse(text))
    .pipe(z.number({ error: 'expected a date such as 2026-01-31T08:00:00Z' }))
    .optional(),
  limit: z.coerce.number().int().min(1).optional(),
  project: z.string().refine(isAbsolute, 'expected an absolute path').optional(),
  archived: Flag.optional(),
});
const Nothing = z.strictObject({});
const WaitQuery = z.looseObject({ wait: Flag.default(false) });
const DetailQuery = z.looseObject({ graph: z.literal('folded').optional() });
const DeliveryQuery = z.looseObject({ into: z.string().min(1).max(250).optional() });
const TranscriptQuery = z.looseObject({
  tail: z.coerce.number().int().min(1).max(10_000).default(200),
  before: z.coerce.number().int().min(0).optional(),
  outputs: z
    .string()
    .regex(/^(\d{1,20}\.\d{1,15})?$/, 'expected the value of next, or nothing')
    .optional(),
});
const OutputQuery = z.looseObject({
  tool: z.string().min(1).max(1_100),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(100_000).default(20_000),
});

/** The routes of the API except its stream: each parses the request and calls a handler. */
export function apiRoutes(world: ApiWorld, { maxBodyBytes }: ServerLimits): Hono {
  const app = new Hono();
  const body = <S extends z.ZodType>(c: Context, schema: S) => readBody(c.req.raw, schema, maxBodyBytes);
  const idOf = (c: Context): string => c.req.param('id') ?? '';
  const sessionOf = (c: Context): string => c.req.param('sid') ?? '';

  app.get('/groups', async c => {
    return c.json({ groups: await listedGroups(given(readQuery(c.req.raw, ListQuery)), world) });
  });
  app.get('/attention', async c => c.json(await attentionDetail(world, c.req.raw.signal)));
  app.post('/groups', async c => c.json(await createGroup(await body(c, CreateBody), world), 201));
  app.get('/groups/:id', async c =>
    c.json(await groupDetail(idOf(c), world, readQuery(c.req.raw, DetailQuery))),
  );

  app.get('/groups/:id/sessions/:sid', async c => c.json(await sessionDetail(idOf(c), sessionOf(c), world)));
  app.get('/groups/:id/sessions/:sid/transcript', async c => {
    const part = readQuery(c.req.raw, TranscriptQuery);
    return c.json(await sessionTranscript(idOf(c), sessionOf(c), part, world));
  });
  app.get('/groups/:id/sessions/:sid/configuration', async c =>
    c.json(await sessionConfiguration(idOf(c), sessionOf(c), world)),
  );
  app.get('/groups/:id/cost', async c => c.json(await groupCost(idOf(c), world)));
  app.get('/groups/:id/result', async c => c.json(await groupResult(idOf(c), world)));
  app.get('/groups/:id/sessions/:sid/output', async c => {
    const part = readQuery(c.req.raw, OutputQuery);
    return c.json(await toolOutput(idOf(c), sessionOf(c), part, world));
  });

  app.get('/groups/:id/delivery', async c => {
    const { into } = readQuery(c.req.raw, DeliveryQuery);
    return c.json(await deliveryDetail(idOf(c), into, world, c.req.raw.signal));
  });
  app.get('/groups/:id/diff', async c => c.json(await groupDiff(idOf(c), world, c.req.raw.signal)));
  app.get('/groups/:id/sessions/:sid/diff', async c =>
    c.json(await sessionDiff(idOf(c), sessionOf(c), world, c.req.raw.signal)),
  );

  app.get('/groups/:id/sessions/:sid/checks', async c =>
    c.json(await sessionChecks(idOf(c), sessionOf(c), world)),
  );
  app.post('/groups/:id/sessions/:sid/verify', async c => {
    await body(c, Nothing);
    return c.json(await checkAgain(idOf(c), sessionOf(c), world, c.req.raw.signal));
  });
  app.post('/groups/:id/clean', async c => c.json(await cleanGroup(idOf(c), await body(c, Leaving), world)));
  app.post('/groups/:id/undo-delivery', async c =>
    c.json(await undoDelivery(idOf(c), await body(c, Taking), world)),
  );
  app.post('/groups/:id/pr', async c =>
    c.json(await openRequests(idOf(c), await body(c, PrBody), world, c.req.raw.signal)),
  );

  for (const verb of CHANGING) {
    const [method = '', path = ''] = VERBS[verb].route.split(' ');
    app.on(method, path, async c => {
      const outcome = await executeVerb(verb, {
        id: idOf(c),
        session: sessionOf(c),
        world,
        read: schema => body(c, schema),
        waiting: () => ({ wait: readQuery(c.req.raw, WaitQuery).wait, signal: c.req.raw.signal }),
      });
      if ('accepted' in outcome) return c.json({ accepted: true }, 202);
      return c.json('status' in outcome ? { result: outcome } : outcome, 200);
    });
  }

  app.get('/chart', async c => c.json(await world.pictureOfChart()));
  return app;
}

const CHANGING = VERB_NAMES.filter((verb): verb is ChangingVerb => VERBS[verb].changes);

import { isAbsolute } from 'node:path';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { GROUP_STATUSES } from '../../../machines/vocabulary.ts';
import { SessionId } from '../../sdk/group/types.ts';
import { createGroup } from '../api/create-group.ts';
import { groupDetail } from '../api/group-detail.ts';
import {
  archiveGroup,
  deleteGroup,
  pauseGroup,
  resumeGroup,
  retryGroup,
  runGroup,
  setMaxBudget,
  stopGroup,
} from '../api/group-verbs.ts';
import { sessionDetail } from '../api/session-detail.ts';
import { sessionTranscript } from '../api/session-transcript.ts';
import { answerSession, pauseSession, resumeSession } from '../api/session-verbs.ts';
import { updateGroup } from '../api/update-group.ts';
import type { Waiting } from '../api/waiting.ts';
import type { ApiWorld } from '../api/world.ts';
import { readBody, readQuery } from './body.ts';
import type { ServerLimits } from './limits.ts';

const Usd = z.union(
  [z.number().positive(), z.literal('none')],
  'expected an amount above 0 in USD, or "none"',
);
const Flag = z.enum(['true', 'false']).transform(word => word === 'true');
const Nothing = z.strictObject({});

const ListQuery = z.strictObject({
  /** One or several, by commas. */
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
const CreateBody = z.strictObject({
  definition: z.record(z.string(), z.unknown()),
  baseDir: z.string().refine(isAbsolute, 'expected an absolute path').optional(),
  run: z.boolean().default(false),
});
const UpdateBody = z.strictObject({
  definition: z.record(z.string(), z.unknown()),
  baseDir: z.string().refine(isAbsolute, 'expected an absolute path').optional(),
  dryRun: z.boolean().default(false),
});
const WaitQuery = z.looseObject({ wait: Flag.default(false) });
const ResumeBody = z.strictObject({ maxBudgetUsd: Usd.optional() });
const RetryBody = z.strictObject({
  sessions: z.array(SessionId).min(1).optional(),
  fresh: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
const BudgetBody = z.strictObject({ maxBudgetUsd: Usd });
const AnswerBody = z.strictObject({ requestId: z.string().min(1), decision: z.enum(['allow', 'deny']) });
const TranscriptQuery = z.looseObject({ tail: z.coerce.number().int().min(1).max(10_000).default(200) });

/** The routes of the API, without its stream: each reads its request and hands it on. */
export function apiRoutes(world: ApiWorld, { maxBodyBytes }: ServerLimits): Hono {
  const app = new Hono();
  const body = <S extends z.ZodType>(c: Context, schema: S) => readBody(c.req.raw, schema, maxBodyBytes);
  const idOf = (c: Context): string => c.req.param('id') ?? '';
  const sessionOf = (c: Context): string => c.req.param('sid') ?? '';
  const waitingOf = (c: Context): Waiting => ({
    wait: readQuery(c.req.raw, WaitQuery).wait,
    signal: c.req.raw.signal,
  });
  const answered = (c: Context, outcome: object) => {
    if ('accepted' in outcome) return c.json({ accepted: true }, 202);
    return c.json('sessions' in outcome && !('status' in outcome) ? outcome : { result: outcome }, 200);
  };

  app.get('/groups', async c => {
    const { status, since, limit, project, archived } = readQuery(c.req.raw, ListQuery);
    const filter = {
      ...(status ? { status } : {}),
      ...(since === undefined ? {} : { since }),
      ...(limit === undefined ? {} : { limit }),
      ...(project === undefined ? {} : { project }),
      ...(archived === undefined ? {} : { archived }),
    };
    return c.json({ groups: await world.manager.list(filter) });
  });
  app.post('/groups', async c => c.json(await createGroup(await body(c, CreateBody), world), 201));
  app.get('/groups/:id', async c => c.json(await groupDetail(idOf(c), world)));
  app.delete('/groups/:id', async c => {
    await body(c, Nothing);
    return answered(c, await deleteGroup(idOf(c), world));
  });

  app.post('/groups/:id/run', async c => {
    await body(c, Nothing);
    return answered(c, await runGroup(idOf(c), world, waitingOf(c)));
  });
  app.post('/groups/:id/pause', async c => {
    await body(c, Nothing);
    return answered(c, await pauseGroup(idOf(c), world, waitingOf(c)));
  });
  app.post('/groups/:id/resume', async c =>
    answered(c, await resumeGroup(idOf(c), await body(c, ResumeBody), world, waitingOf(c))),
  );
  app.post('/groups/:id/stop', async c => {
    await body(c, Nothing);
    return answered(c, await stopGroup(idOf(c), world, waitingOf(c)));
  });
  app.post('/groups/:id/retry', async c =>
    answered(c, await retryGroup(idOf(c), await body(c, RetryBody), world, waitingOf(c))),
  );
  app.post('/groups/:id/budget', async c =>
    answered(c, await setMaxBudget(idOf(c), (await body(c, BudgetBody)).maxBudgetUsd, world)),
  );
  app.post('/groups/:id/update', async c =>
    c.json({ changes: await updateGroup(idOf(c), await body(c, UpdateBody), world) }),
  );
  app.post('/groups/:id/archive', async c => {
    await body(c, Nothing);
    return answered(c, await archiveGroup(idOf(c), world));
  });

  app.get('/groups/:id/sessions/:sid', async c => c.json(await sessionDetail(idOf(c), sessionOf(c), world)));
  app.get('/groups/:id/sessions/:sid/transcript', async c => {
    const { tail } = readQuery(c.req.raw, TranscriptQuery);
    return c.json(await sessionTranscript(idOf(c), sessionOf(c), tail, world));
  });
  app.post('/groups/:id/sessions/:sid/pause', async c => {
    await body(c, Nothing);
    return answered(c, await pauseSession(idOf(c), sessionOf(c), world));
  });
  app.post('/groups/:id/sessions/:sid/resume', async c => {
    await body(c, Nothing);
    return answered(c, await resumeSession(idOf(c), sessionOf(c), world));
  });
  app.post('/groups/:id/sessions/:sid/answer', async c =>
    answered(c, await answerSession(idOf(c), sessionOf(c), await body(c, AnswerBody), world)),
  );

  app.get('/chart', async c => c.json(await world.pictureOfChart()));
  return app;
}

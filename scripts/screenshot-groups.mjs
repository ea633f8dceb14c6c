// The groups in the screenshots of the page: scripted agents whose last step takes long, so that each screen stays.

const agent = (...steps) => ({ kind: 'scripted', steps });
const session = (id, projectPath, steps, more = {}) => ({
  id,
  projectPath,
  prompt: 'Work.',
  agent: agent(...steps),
  ...more,
});
const say = text => ({ text });
const tool = (name, duration = 400) => ({ tool: name, duration });
const reply = (input, output, cacheRead) => ({ tokens: { input, output, cacheRead } });
const cost = usd => ({ cost: usd });
const LONG = '30m';

/** Many states at once: running sessions, a retry, a permission request, waiting sessions with their reasons. */
export const refactor = {
  version: 1,
  name: 'Cross-project auth refactor',
  description: 'Move three services to the shared auth library',
  config: {
    budget: { maxBudgetUsd: 5 },
    concurrency: { maxConcurrent: 4 },
    retry: { initialInterval: '2m' },
  },
  sessions: [
    session('shared-lib', 'shared-lib', [
      say("I'll look at how the services read a token."),
      tool('Grep', 700),
      reply(4200, 820, 18_000),
      cost(0.42),
      tool('Edit', 900),
      cost(0.39),
      { result: 'readToken(token, now) returns the user, or undefined once the token has expired.' },
    ]),
    session(
      'gateway',
      'gateway',
      [
        say("I'll replace the check in src/handle-request.js with readToken."),
        tool('Read'),
        reply(5100, 420, 46_000),
        cost(0.63),
        tool('Edit', 1500),
        say('The check is replaced. Now the tests.\nThey take a few minutes.'),
        reply(900, 260, 52_000),
        cost(0.41),
        tool('Bash(npm test)', LONG),
      ],
      {
        dependsOn: ['shared-lib'],
        description: 'The gateway refuses a token without an expiry',
        model: 'sonnet',
      },
    ),
    session(
      'web',
      'web',
      [
        say("I'll replace the check in the web client."),
        tool('Read', 900),
        reply(3900, 150, 21_000),
        cost(0.28),
        { failure: 'overloaded', message: 'the service is overloaded' },
      ],
      { dependsOn: ['shared-lib'] },
    ),
    session(
      'mobile',
      'mobile',
      [
        say('The library needs a package that is not installed.'),
        reply(2800, 190, 12_000),
        cost(0.17),
        { approval: 'Bash', input: { command: 'npm install jose@6' } },
      ],
      { dependsOn: ['shared-lib'] },
    ),
    session('docs', 'docs', [tool('Glob'), tool('Write', 1100), reply(2100, 700, 3000), cost(0.19)]),
    session('end-to-end', 'gateway', [], { dependsOn: ['gateway', 'web', 'mobile'] }),
    session('release-notes', 'docs', [], { dependsOn: ['end-to-end'] }),
    session('explain-failure', 'gateway', [], { dependsOn: [{ session: 'gateway', when: 'failed' }] }),
  ],
};

export const overBudget = {
  version: 1,
  name: 'Upgrade to Node 24',
  description: 'Six services, one after the other where they share code',
  config: { budget: { maxBudgetUsd: 2 }, concurrency: { maxConcurrent: 2 } },
  sessions: [
    session('core', 'core', [tool('Read'), reply(6000, 900, 40_000), cost(0.74)]),
    session(
      'billing',
      'billing',
      [tool('Edit', 600), cost(0.7), tool('Edit', 300), cost(0.66), tool('Bash(npm test)', LONG)],
      {
        dependsOn: ['core'],
      },
    ),
    session('search', 'search', [tool('Read', 300), cost(0.21), tool('Bash(npm run lint)', LONG)], {
      dependsOn: ['core'],
    }),
    session('reports', 'reports', [], { dependsOn: ['billing', 'search'] }),
  ],
};

export const failing = {
  version: 1,
  name: 'Move the store to Postgres',
  config: { budget: { maxBudgetUsd: 5 }, concurrency: { errorThreshold: 5 } },
  sessions: [
    session('schema', 'schema', [tool('Write', 500), reply(3000, 800, 9000), cost(0.36)]),
    session(
      'migrate',
      'migrate',
      [
        say("I'll write the migration of the sessions table."),
        tool('Write', 700),
        cost(0.52),
        tool('Bash(npm run migrate)', 600),
        say("The server at db.internal does not answer; I'll try it once more from here."),
        tool('Bash(npm run migrate)', 500),
        { failure: 'max_turns', message: 'The session took more than 40 turns and has not finished.' },
      ],
      { dependsOn: ['schema'], description: 'Migrates the sessions table and its tests' },
    ),
    session('clean-up', 'schema', [tool('Edit', 500), cost(0.12)], { dependsOn: ['schema'] }),
    session('release', 'release', [], { dependsOn: ['migrate', 'clean-up'] }),
    session('report', 'report', [cost(0.05), { result: 'The database server was not reachable.' }], {
      dependsOn: [{ session: 'migrate', when: 'failed' }],
    }),
  ],
};

export const quick = {
  version: 1,
  name: 'Weekly dependency updates',
  config: { budget: { maxBudgetUsd: 3 } },
  sessions: ['api', 'worker', 'site'].map(id => session(id, id, [tool('Bash(npm update)', 300), cost(0.21)])),
};

export const upcoming = {
  version: 1,
  name: 'Translate the help pages',
  description: 'Starts when the texts are final',
  sessions: ['de', 'fr', 'ja'].map(id => session(`help-${id}`, `help-${id}`, [])),
};

const write = (path, content) => ({ write: path, content });
const CHECK = `/** Answers a request: 401 without a valid token, else 200. */
export function handleRequest({ headers }, now = Date.now()) {
`;

/** The files of the repository `services`, in which the group below delivers. */
export const services = {
  'src/handle-request.js': `${CHECK}  const [user, expires] = (headers.token ?? '').split('.');
  return Number(expires) > now ? { status: 200, user } : { status: 401 };
}
`,
  'package.json': '{ "type": "module" }\n',
};

/** Three sessions in one repository at once; two of them change the same lines. */
export const delivering = {
  version: 1,
  name: 'Tokens in three places',
  config: {
    budget: { maxBudgetUsd: 5 },
    workspace: { mode: 'worktree', keep: 'always' },
    verify: { commands: [['node', '--check', 'src/handle-request.js']] },
    integrate: { mode: 'merge' },
  },
  sessions: [
    session('expiry', 'services', [
      tool('Edit', 300),
      write(
        'src/handle-request.js',
        `${CHECK}  const [user, expires] = (headers.token ?? '').split('.');
  if (!user || !(Number(expires) > now)) return { status: 401 };
  return { status: 200, user };
}
`,
      ),
      reply(4100, 380, 22_000),
      cost(0.31),
      { result: 'A token without an expiry is refused.' },
    ]),
    session('docs', 'services', [
      tool('Write', 300),
      write('README.md', '# Services\n\nEvery request needs a token: `USER.EXPIRES`.\n'),
      reply(1200, 210, 6000),
      cost(0.08),
      { result: 'README.md says what a token is.' },
    ]),
    session(
      'scheme',
      'services',
      [
        tool('Edit', 2500),
        write(
          'src/handle-request.js',
          `${CHECK}  const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
  const [user, expires] = scheme === 'Bearer' ? token.split('.') : [];
  return Number(expires) > now ? { status: 200, user } : { status: 401 };
}
`,
        ),
        reply(3800, 420, 19_000),
        cost(0.27),
        { result: 'The token comes from the header authorization.' },
      ],
      { description: 'Reads the token from the header authorization' },
    ),
  ],
};

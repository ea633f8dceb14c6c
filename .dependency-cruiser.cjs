/**
 * The one-way house (design-docs/architecture.md §1): a file imports only from rooms before it. Types count too.
 * Each rule is shown to fail on a planted violation in test/package/import-rules.test.ts.
 */

/** Rooms of src/sdk/group by the names of their files. What is named in none of them belongs to the runner. */
const FOLDERS =
  'api|attempt|config|cost|definition|document|engine|findings|journal|progress|prompts|schedule|store';
const room = (...names) => `^src/sdk/group/(|${FOLDERS.replaceAll('|', '/|')}/)(${names.join('|')})[.]ts$`;
/** What a person wrote, what is wrong with it, and the words of what happens. */
const DEFINITION = room(
  ...['client-settings', 'config-switches', 'deep-merge', 'mcp-config', 'portable-login'],
  ...['project-folders', 'shared-config', 'shared-files'],
  ...['ancestry', 'code-frame', 'cut-text', 'definition', 'diagnostics', 'document-source', 'duration'],
  ...[
    'environment',
    'errors',
    'events',
    'finding',
    '[a-z]+-findings',
    'group-files',
    'group-id',
    'json-schema',
    'json-syntax',
  ],
  ...[
    'model-price',
    'output-schema',
    'preview-prompt',
    'price-table',
    'project-settings',
    'prompt-choice',
    'prompt-scope',
    'prompt-texts',
  ],
  ...['read-document', 'read-text', 'render-diagnostic', 'render-prompt', 'resolve-session', 'schema-keys'],
  ...[
    'session-view',
    'shown-result',
    'source-text',
    'suggest',
    'template-[a-z]+',
    'templates',
    'types',
    'visible',
  ],
);
const GRAPH = room('dependency-graph', 'ready-queue', 'schedule', 'plan');
/** A group's history, and the way back from it. */
const JOURNAL = room(
  'journal',
  'journal-stream',
  '[a-z]*-?fold',
  'revision',
  'store',
  'journal-errors',
  'group-meta',
  'find-group',
  'memory-[a-z]+',
);
const PROGRESS = room('progress', 'progress-aggregator', 'progress-stream');
/** What both histories and runner reckon with. */
const SHARED = room('kept-result', 'ledger', 'safe-observable');
/** What hosts are given. */
const API = `^src/(index|testing)[.]ts$|${room('create', 'handle', 'drive', 'defaults', 'manager', 'view')}`;
const GROUP = '^src/sdk/group/';
/** The one file of the runner that takes the charts as they are. */
const PROVIDE = room('provide');
/** The words that everybody shares: no logic of the charts is in them. */
const SHARED_WORDS = '^machines/(vocabulary|contract|group[.]setup|group-guards)[.]ts$';

const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    forbid('no-circles', {}, { circular: true }, 'Two files that import each other are one file, or three.'),
    forbid(
      'machines-stand-alone',
      { path: '^machines/' },
      { path: '^(src|test|scripts|examples)/' },
      'A chart does no I/O and knows no host: what it needs comes through input and provide().',
    ),
    forbid(
      'machines-need-xstate-only',
      { path: '^machines/' },
      {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'core'],
        pathNot: 'node_modules/xstate/',
      },
    ),
    forbid(
      'words-before-charts',
      { path: '^machines/(vocabulary|contract)[.]ts$' },
      { path: '^machines/', pathNot: '^machines/vocabulary[.]ts$' },
    ),
    forbid(
      'charts-only-through-the-runner',
      { path: '^src/', pathNot: `${PROVIDE}|${API}|^src/inspect/` },
      { path: '^machines/', pathNot: SHARED_WORDS },
      'Everything else sees the vocabulary and the contract.',
    ),
    forbid('definition-first', { path: DEFINITION }, { path: GROUP, pathNot: DEFINITION }),
    forbid('graph-before-runner', { path: GRAPH }, { path: GROUP, pathNot: `${DEFINITION}|${GRAPH}` }),
    forbid(
      'progress-knows-no-runner',
      { path: PROGRESS },
      { path: GROUP, pathNot: `${DEFINITION}|${JOURNAL}|${PROGRESS}|${SHARED}` },
    ),
    forbid(
      'journal-knows-no-runner',
      { path: JOURNAL },
      { path: GROUP, pathNot: `${DEFINITION}|${JOURNAL}|${SHARED}` },
    ),
    forbid(
      'agents-know-no-group',
      { path: '^src/sdk/(session|process|project)/' },
      { path: `${GROUP}|^src/store/|^src/control/`, pathNot: DEFINITION },
      'An agent sees its attempt, and could run on another machine.',
    ),
    forbid(
      'store-knows-no-runner',
      { path: '^src/store/' },
      {
        path: `${GROUP}|^src/sdk/session/(claude-code/|command|scripted)`,
        pathNot: `${DEFINITION}|${JOURNAL}`,
      },
      'A store keeps records; what they mean is the business of others.',
    ),
    forbid('runner-before-api', { path: GROUP, pathNot: API }, { path: `${API}|^src/store/|^src/control/` }),
    forbid(
      'library-before-cli',
      { path: '^(machines|src)/', pathNot: '^src/cli/' },
      { path: '^src/cli/' },
      'The library never knows of the command line.',
    ),
    forbid('sdk-before-inspect', { path: '^src/(sdk|store|control)/' }, { path: '^src/inspect/' }),
    forbid(
      'library-before-serve',
      { path: '^(machines|src)/', pathNot: '^src/(serve|cli)/' },
      { path: '^src/serve/' },
      'The engine never knows of its server.',
    ),
    forbid(
      'words-stand-alone',
      { path: '^src/words/' },
      {
        pathNot: '^src/(words/|sdk/format[.]ts$|sdk/group/(journal/events|progress|progress/progress)[.]ts$)',
      },
      'A browser loads them too; of these two they see the types (the build of the page refuses values).',
    ),
    forbid(
      'page-stands-alone',
      { path: '^src/serve/page/' },
      {
        path: '^(machines|src)/',
        pathNot: '^src/(serve/page/|serve/api-types[.]ts$|words/|sdk/format[.]ts$)',
      },
      'It is loaded by a browser: of the rest it sees types and words.',
    ),
    forbid(
      'entries-are-for-hosts',
      { path: '^(machines|src)/' },
      { path: '^src/(index|testing|inspect/index)[.]ts$|^machines/index[.]ts$' },
      'Inside the house everybody imports from the file that has it; an index would hide circles.',
    ),
    forbid(
      'no-tests-in-the-product',
      { path: '^(machines|src)/' },
      { path: '^(test|bench|examples|scripts)/' },
    ),
    forbid(
      'only-declared-packages',
      { path: '^(machines|src)/' },
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'deprecated'],
        // Optional peers, which are installed here for their types.
        dependencyTypesNot: ['npm-peer'],
      },
    ),
    forbid('nothing-unresolved', {}, { couldNotResolve: true }),
  ],
  options: {
    // TypeScript 7 has no API for JavaScript programs yet; swc reads types and values alike.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

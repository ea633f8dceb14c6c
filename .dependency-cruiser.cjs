/**
 * The one-way house (design-docs/architecture.md §1): a file imports only from rooms before it. Types count too.
 * Each rule is shown to fail on a planted violation in test/package/import-rules.test.ts.
 */

/** What runs groups: nothing before it in the house may know of it. */
const RUNNER =
  '^src/sdk/group/(runner|runner-view|session-run|group-state|roster|schedule|chart-effects|provide|ledger|quota-gate|watchdog|recorder|requests|result|why|restore|check-agents)[.]ts$';
/** What hosts are given. */
const API = '^src/(index|testing)[.]ts$|^src/sdk/group/(create|handle|drive|defaults|manager|view)[.]ts$';
/** What a group's history and picture are made of; the runner feeds them. */
const PROGRESS = '^src/sdk/group/(progress|progress-aggregator|progress-stream)[.]ts$';
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
      { path: '^src/', pathNot: `${RUNNER}|${API}|^src/inspect/` },
      { path: '^machines/', pathNot: SHARED_WORDS },
      'Everything else sees the vocabulary and the contract.',
    ),
    forbid(
      'definition-and-graph-before-runner',
      {
        path: '^src/sdk/group/',
        pathNot: `${RUNNER}|${API}|${PROGRESS}|^src/sdk/group/(journal|journal-stream|meta|fold)[.]ts$`,
      },
      { path: RUNNER },
    ),
    forbid(
      'progress-knows-no-runner',
      { path: PROGRESS },
      // The micro-dollar arithmetic of the ledger is shared.
      { path: RUNNER, pathNot: '^src/sdk/group/ledger[.]ts$' },
    ),
    forbid(
      'fold-and-journal-know-no-runner',
      { path: '^src/sdk/group/(journal|journal-stream|fold)[.]ts$' },
      { path: RUNNER, pathNot: '^src/sdk/group/ledger[.]ts$' },
    ),
    forbid(
      'agents-know-no-group',
      { path: '^src/sdk/session/' },
      {
        path: `${RUNNER}|${API}|${PROGRESS}|^src/store/|^src/sdk/group/(dependency-graph|definition|journal|store)[.]ts$`,
      },
      'An agent sees its attempt, and could run on another machine.',
    ),
    forbid(
      'store-knows-no-runner',
      { path: '^src/store/' },
      { path: `${RUNNER}|${API}|${PROGRESS}|^src/sdk/session/(claude-code/|command|scripted)` },
      'A store keeps records; what they mean is the business of others.',
    ),
    forbid('runner-before-api', { path: RUNNER }, { path: `${API}|^src/store/` }),
    forbid(
      'library-before-cli',
      { path: '^(machines|src)/', pathNot: '^src/cli/' },
      { path: '^src/cli/' },
      'The library never knows of the command line.',
    ),
    forbid('sdk-before-inspect', { path: '^src/(sdk|store|control)/' }, { path: '^src/inspect/' }),
    forbid(
      'entries-are-for-hosts',
      { path: '^(machines|src)/' },
      { path: '^src/(index|testing)[.]ts$|^machines/index[.]ts$' },
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
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'deprecated'] },
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

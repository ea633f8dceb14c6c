/**
 * The one-way house (design-docs/architecture.md §1): a room imports from the floors under its own. Types count too.
 * Each rule is shown to fail on a planted violation in test/package/import-rules.test.ts.
 */
const { FLOORS, patternOf } = require('./scripts/floors.cjs');

/** Some of src/sdk/group, by the names of its rooms. */
const group = (...names) => names.map(name => patternOf(`src/sdk/group/${name}`));
/** The files that take the charts as they are: they provide them, hand them to hosts, or show them. */
const CHART_USERS = [
  '^src/(index|testing)[.]ts$',
  '^src/inspect/',
  ...group('engine/provide.ts', 'api/', 'manager.ts'),
];
/** The words that everybody shares: no logic of the charts is in them. */
const SHARED_WORDS = '^machines/(vocabulary|contract|group[.]ground|group-guards|budget-guards)[.]ts$';

const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

/** For each room, one rule: it imports nothing of its own floor but itself, and nothing of the floors above. */
const rooms = FLOORS.flatMap((floor, level) =>
  floor.map(room =>
    forbid(
      `room ${room}`,
      { path: patternOf(room) },
      {
        path: FLOORS.slice(level)
          .flat()
          .filter(other => other !== room)
          .map(patternOf),
      },
      'An arrow that points up, or to a neighbour: what both need belongs on a floor below (scripts/floors.cjs).',
    ),
  ),
).filter(({ to }) => to.path.length > 0);

module.exports = {
  forbidden: [
    forbid('no-circles', {}, { circular: true }, 'Two files that import each other are one file, or three.'),
    ...rooms,
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
      { path: '^machines/(vocabulary|events|contract)[.]ts$' },
      { path: '^machines/', pathNot: '^machines/(vocabulary|events)[.]ts$' },
    ),
    forbid(
      'charts-only-through-the-runner',
      { path: '^src/', pathNot: CHART_USERS },
      { path: '^machines/', pathNot: SHARED_WORDS },
      'Everything else sees the vocabulary and the contract.',
    ),
    forbid(
      'stores-keep-records',
      { path: '^src/store/' },
      {
        path: '^src/sdk/(group|session)/',
        pathNot: group('types.ts', 'document/', 'config/', 'journal/', 'definition/', 'store/'),
      },
      'A store keeps records; what they mean is the business of others.',
    ),
    forbid(
      'stores-reach-the-world-by-ports',
      { path: '^src/store/', pathNot: '^src/store/machine[.]ts$' },
      { path: '^((node:)?(fs|fs/promises|os|child_process|timers|timers/promises)$|src/sdk/process/)' },
      'By a disk (src/sdk/disk/disk.ts), a machine and a clock, so that simulated ones can take their place.',
    ),
    forbid(
      'control-reaches-sockets-by-a-port',
      { path: '^src/control/', pathNot: '^src/control/wire/sockets[.]ts$' },
      { path: '^(node:)?(net|timers|timers/promises)$' },
      'By sockets (src/control/wire/sockets.ts) and a clock, so that simulated ones can take their place.',
    ),
    forbid(
      'words-stand-alone',
      { path: '^src/words/' },
      {
        pathNot:
          '^(machines/vocabulary[.]ts$|src/(words/|sdk/(format|session/reports/(questions|whole-input))[.]ts$|sdk/group/(journal/events|progress/progress|standing/attention)[.]ts$))',
      },
      'A browser loads them too; of the last three they see the types (the build of the page refuses values).',
    ),
    forbid(
      'page-stands-alone',
      { path: '^src/serve/page/' },
      {
        path: '^(machines|src)/',
        pathNot:
          '^(machines/vocabulary[.]ts$|src/(serve/page/|serve/\\w+-types[.]ts$|words/|sdk/(format|take-over-words|session/reports/questions)[.]ts$))',
      },
      'It is loaded by a browser: of the rest it sees types, words and the vocabulary.',
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

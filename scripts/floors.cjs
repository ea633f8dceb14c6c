/**
 * The floors, from the ground up (design-docs/architecture.md §1). A floor is a list of rooms; a room is a folder with
 * everything below it, or one file. A room imports, types included, only from itself and from lower floors, never from
 * its neighbours. The import rules are generated from this list.
 */
const GROUP = 'src/sdk/group/';
const group = (...names) => names.map(name => `${GROUP}${name}`);

/** @type {readonly (readonly string[])[]} */
const FLOORS = [
  ['machines/'],
  ['src/sdk/*.ts'],
  ['src/sdk/disk/'],
  ['src/sdk/process/'],
  ['src/sdk/project/'],
  ['src/sdk/workspace/'],
  ['src/sdk/session/'],
  ['src/sdk/delivery/'],
  group('document/'),
  group('fan-out/'),
  group('types.ts'),
  group('input/'),
  group('config/', 'cost/', 'dependency-graph.ts'),
  group('prompts/', 'journal/', 'schedule/'),
  group('findings/', 'config-generator.ts', 'progress/', 'tree/'),
  group('expansion/'),
  group('definition/', 'attempt/', 'store/', 'progress-aggregator.ts'),
  group('standing/'),
  group('engine/'),
  group('delivery/'),
  group('runner.ts'),
  group('api/'),
  group('open-handles.ts'),
  group('manager.ts'),
  ['src/words/'],
  ['src/store/', 'src/control/', 'src/inspect/', 'src/sdk/testing/', 'src/fleet/'],
  ['src/serve/', 'src/index.ts', 'src/testing.ts', 'src/bullmq.ts'],
  ['src/cli/'],
];

/** A room as a path pattern. */
const patternOf = room =>
  `^${room.replaceAll('.', '[.]').replace('*', '[^/]+')}${room.endsWith('/') ? '' : '$'}`;

module.exports = { FLOORS, patternOf };

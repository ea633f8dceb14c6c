import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import type { Said } from '../command-line.ts';
import { type Library, unpackLastRelease } from '../last-release.ts';
import { follow } from '../saved-group-ways.ts';
import {
  EXPECTATIONS,
  NO_HOST,
  openEmptyPlace,
  pack,
  type SavedGroup,
  type SavedGroupsPlace,
  type ShownGroup,
  shownGroup,
  unpack,
} from '../saved-groups.ts';
import { EITHER, STATES, type State, slugOf } from './states.ts';
import { neutralise, openWorkplace, type Workplace } from './workplace.ts';

/** Rewrites the fixture: groups in every state, what the last release reports about them, and how it continues them. */
export async function writeSavedGroups(say: (line: string) => void): Promise<void> {
  const release = unpackLastRelease();
  const place = await openEmptyPlace();
  const work = openWorkplace(release.cli, place);
  try {
    for (const state of STATES) {
      say(state.name);
      await state.write(work, state.name, slugOf(state));
    }
    const shown: Omit<SavedGroup, 'ways'>[] = [];
    const { lines: listed } = await work.command(0, 'group', 'list', '--archived', '--json');
    for (const state of STATES) shown.push(await shownBy(work, state, listed));
    for (const { id } of shown) neutralise(place.dirOf(id), NO_HOST);
    for (const name of ['data', 'definitions', 'projects', 'config']) checkNeutral(join(place.folder, name));
    pack(place);

    say('what becomes of them');
    unpack(place);
    const library = await release.library();
    const groups: SavedGroup[] = [];
    for (const group of shown) groups.push({ ...group, ways: await waysOf(library, place, group) });
    writeFileSync(EXPECTATIONS, `${JSON.stringify(groups, null, 2)}\n`);
  } finally {
    await work.close();
    place.close();
    release.remove();
  }
}

/** The output of the last release's command line for the group, before it is opened again. */
async function shownBy(
  work: Workplace,
  state: State,
  lines: Said['lines'],
): Promise<Omit<SavedGroup, 'ways'>> {
  const id = work.idOf(slugOf(state));
  const listed = lines.find(line => line.id === id);
  const [shown] = (await work.command(0, 'group', 'show', id, '--json')).lines as unknown as [ShownGroup];
  if (listed?.status !== shown.status)
    throw new Error(`${id}: listed as ${listed?.status}, not ${shown.status}`);
  return {
    id,
    state: slugOf(state),
    ...(state.programs ? { programs: true } : {}),
    ...(listed.archivedAt === undefined ? {} : { archived: true }),
    ...shownGroup(shown),
  };
}

async function waysOf(
  library: Library,
  place: SavedGroupsPlace,
  { id, state: slug, programs = false }: Omit<SavedGroup, 'ways'>,
): Promise<SavedGroup['ways']> {
  const state = STATES.find(one => slugOf(one) === slug);
  const ways: SavedGroup['ways'][number][] = [];
  for (const way of state?.ways ?? EITHER) {
    place.restore(id);
    if (way.mended) place.mend();
    ways.push({ way, ...(await follow(library, { id, dataDir: place.dataDir, programs }, way)) });
  }
  return ways;
}

/** Nothing about this machine and its user may be stored. */
function checkNeutral(folder: string): void {
  const words = [JSON.stringify(hostname()), homedir(), process.cwd()];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) continue;
    const text = readFileSync(path, 'latin1');
    const word = words.find(word => text.includes(word));
    if (word !== undefined) throw new Error(`${path} contains ${word}`);
  }
}

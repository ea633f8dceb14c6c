import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../../../src/sdk/group/document/render-diagnostic.ts';
import { BAD_FILES } from './bad-files.ts';
import { BAD_MEANINGS } from './bad-meanings.ts';
import { BAD_PROJECTS } from './bad-projects.ts';
import { BAD_SHAPES } from './bad-shapes.ts';
import { definitionFolder, problemsOf } from './definition-folder.ts';

const BAD = [...BAD_FILES, ...BAD_SHAPES, ...BAD_MEANINGS, ...BAD_PROJECTS];

describe('a definition with one problem', () => {
  let folder: Awaited<ReturnType<typeof definitionFolder>>;
  beforeAll(async () => {
    const files = BAD.map((bad, i) => [`${i}/${bad.file ?? 'group.yaml'}`, bad.text] as const);
    const projects = BAD.flatMap((_, i) =>
      ['lib/x', 'web/x', 'prompt.md'].map(name => [`${i}/${name}`, 'text'] as const),
    );
    folder = await definitionFolder(Object.fromEntries([...files, ...projects]));
  });
  afterAll(() => folder.dispose());

  test.each(BAD.map((bad, i) => ({ ...bad, i })))('reports $says', async bad => {
    const file = `${bad.i}/${bad.file ?? 'group.yaml'}`;
    const problems = await problemsOf(folder.load(file));
    expect(problems.length, renderDiagnostics(problems)).toBe(1);
    const [problem] = problems;
    const at = problem?.line === undefined ? undefined : `${problem.line}:${problem.column}`;
    expect({ code: problem?.code, at, path: problem?.path }).toEqual({
      code: bad.code,
      at: bad.at,
      path: bad.path,
    });
    expect(problem?.file).toBe(`${folder.path}/${file}`);
    expect(problem?.message).toContain(bad.message);
    expect(problem?.suggestion ?? '').toContain(bad.suggestion ?? '');
    expect(problem?.suggestion).not.toBe(`did you mean "${bad.path.at(-1)}"?`); // which is what is there
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

// @module-tag processes
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectWithPackage, ROOT } from './built-package.ts';
import { hostPrograms } from './hosts.ts';

const FOLDER = join(ROOT, 'examples', 'hosts');

/** The programs that the documents name. */
const LISTED = [
  ...readFileSync(join(ROOT, 'docs', 'embedding.md'), 'utf8').matchAll(
    /\(\.\.\/examples\/hosts\/([\w.-]+)\)/g,
  ),
].map(([, name]) => name);

describe('the host programs', () => {
  let project: string;
  beforeAll(() => {
    project = projectWithPackage();
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  hostPrograms(() => ({ project }));

  it.each(readdirSync(FOLDER))(
    '%s has at most 60 lines, imports only what the package exports, and is in docs/embedding.md',
    name => {
      const text = readFileSync(join(FOLDER, name), 'utf8');
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
      const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
      expect(imported.filter(from => !/^(node:\w+|session-groups(\/\w+)?)$/.test(from ?? ''))).toEqual([]);
      expect(LISTED).toContain(name);
    },
  );
});

#!/usr/bin/env node
// Rewrites the saved groups of test/fixtures/releases by running the release that is packed there.
import './load-typescript.mjs';

const { writeSavedGroups } = await import('../test/support/write-saved-groups/index.ts');
await writeSavedGroups(line => console.error(line));

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handleRequest } from '../src/handle-request.js';

test('lets a valid token in', () => {
  assert.deepEqual(handleRequest({ headers: { authorization: 'Bearer ada.2000' } }, 1000), {
    status: 200,
    user: 'ada',
  });
});

test('refuses an expired token, and none at all', () => {
  assert.deepEqual(handleRequest({ headers: { authorization: 'Bearer ada.500' } }, 1000), { status: 401 });
  assert.deepEqual(handleRequest({ headers: {} }), { status: 401 });
});

import { describe, expect, it } from 'vitest';
import { errorOfText } from '../../../../../src/sdk/session/claude-code/end/client-text.ts';

const HTML = `<html>\n${'Bad gateway. '.repeat(80)}\n</html>`;

describe('an error message in place of an answer', () => {
  it.each([
    ["You've hit your limit · resets 3am (Europe/Berlin)", 'rate_limited'],
    ['You’ve hit your session limit · resets 3:45pm', 'rate_limited'],
    ["You've reached your weekly limit · resets Dec 1, 5pm", 'rate_limited'],
    ["You've hit your org's monthly usage limit", 'rate_limited'],
    ["You've hit your limit for Opus · resets 3pm", 'rate_limited'],
    ["⚠ You've hit your limit · resets 3pm", 'rate_limited'],
    ["⚠️ You've hit your limit · resets 3pm", 'rate_limited'],
    ["You've hit your limit · resets 3pm\n/upgrade to increase your usage limit.", 'rate_limited'],
    ["You're out of extra usage · resets 3pm (UTC)", 'rate_limited'],
    ['Claude usage limit reached. Your limit will reset at 3pm (America/New_York).', 'rate_limited'],
    ['Claude AI usage limit reached|1795900000', 'rate_limited'],
    ['5-hour limit reached ∙ resets 7pm', 'rate_limited'],
    ['Weekly limit reached · resets Nov 30', 'rate_limited'],
    ['Usage limit reached — resets tomorrow at 3pm', 'rate_limited'],
    ['Usage limit exceeded: resets 3:45pm', 'rate_limited'],
    ['You have reached your usage limit. It resets at 15:45 UTC.', 'rate_limited'],
    ['You’ve hit your usage limit. Try again at 3:45 PM.', 'rate_limited'],
    ['Rate limit exceeded', 'rate_limited'],
    ['API rate limit exceeded. Please try again later.', 'rate_limited'],
    ['Too many requests, try again later', 'rate_limited'],
    ['You exceeded your current quota, please check your plan', 'rate_limited'],
    ['Credit balance is too low', 'billing_error'],
    ['Credit balance is too low · Add funds: https://platform.claude.com', 'billing_error'],
    ['Invalid API key · Please run /login', 'authentication_failed'],
    ['Invalid API key · Fix external API key', 'authentication_failed'],
    ['Please run /login · API Error: 401 {"type":"error"}', 'authentication_failed'],
    ['Failed to authenticate. API Error: 401 {"type":"error"}', 'authentication_failed'],
    ['OAuth token revoked · Please run /login', 'authentication_failed'],
    ['OAuth token has expired · Please run /login', 'authentication_failed'],
    ['Not logged in · Please run /login', 'authentication_failed'],
    ['Prompt is too long', 'prompt_too_long'],
    ['API Error', 'server_error'],
    ['API Error: Connection error.', 'server_error'],
    ['API Error (Request timed out.)', 'server_error'],
    ['API Error: Unable to connect to API (ECONNREFUSED 127.0.0.1:443)', 'server_error'],
    ['API Error: 500 {"type":"error"}', 'server_error'],
    ['API Error: 401 expired', 'authentication_failed'],
    ['API Error: 400 {"type":"error"}', 'invalid_request'],
    ['API Error: 529 Overloaded', 'overloaded'],
    ['API Error: Repeated 529 Overloaded errors', 'overloaded'],
    ['API Error: Request rejected (429) · slow down', 'rate_limited'],
    [`API Error: 502 ${HTML}`, 'server_error'],
  ])('is known: %s', (text, code) => {
    expect(errorOfText(text, 'client')).toBe(code);
    expect(errorOfText(`\n${text}\n`, undefined)).toBe(code);
  });

  it.each([
    ["You've hit your limit · resets 3am (Europe/Berlin)", 'rate_limited'],
    ["You've hit your limit", 'rate_limited'],
    ["You've hit your limit for Opus. Try again at 3pm.", 'rate_limited'],
    ['Claude usage limit reached. Your limit will reset at 3pm (America/New_York).', 'rate_limited'],
    ['Claude AI usage limit reached|1795900000', 'rate_limited'],
    ['Credit balance is too low · Add funds: https://platform.claude.com', 'billing_error'],
    ['Invalid API key · Please run /login', 'authentication_failed'],
    ['API Error', 'server_error'],
    ['API Error: Connection error.', 'server_error'],
    ['API Error (Request timed out.)', 'server_error'],
    ['API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}', 'overloaded'],
    [`API Error: 502 ${HTML}`, 'server_error'],
  ])('is known in the name of the model, as a gateway answers: %s', (text, code) => {
    expect(errorOfText(text, 'model')).toBe(code);
  });

  it.each([
    'Credit balance is too low',
    'Not logged in',
    'Authentication failed.',
    'Prompt is too long',
    'Usage limit reached · now handled',
    'Usage limit reached. Reset handling is done.',
    'Usage limit reached — resets are tested',
    'Rate limit exceeded',
    'Too many requests',
    "You've hit your limit errors are caught · resets are tested",
  ])('may be what a session was asked to find out: %s', text => {
    expect(errorOfText(text, 'model')).toBeUndefined();
  });

  it.each([
    'I handle the case in which you have hit your limit.',
    "The message is: You've hit your limit · resets 3am",
    'Limits are checked before each request.',
    `You've hit your limit. ${'That is what the page says. '.repeat(40)}`,
    'Usage limit reached errors are now handled in src/quota.ts; all tests pass.',
    "You've hit your limit errors are now shown to the user.",
    "You've reached your goal; the rate limit is now tested.",
    'Rate limit reached handling is done.',
    'Session limit reached · resets 3pm is the text that the parser handles.',
    'Request limit exceeded. Please see docs/limits.md.',
    'Invalid API key, please check. That is the message.',
    'OAuth token expired. Please see auth.ts.',
    'Too many requests: fixed by a queue.',
    'Rate limit exceeded errors are retried; limits reset at midnight.',
    'Too many requests are refused with 429.',
    'Credit balance is too low to show a chart, so the test now adds funds first.',
    'Invalid API key errors now say which key it was.',
    'Not logged in users are now sent to the form.',
    'Please run /login tests again: they pass.',
    'Prompt is too long errors are caught in src/prompt.ts.',
    'API Errors are handled in api.ts',
    'API Error handling is done.',
    'API Error handling is done.\nAll tests pass.',
    'There was an API Error: 500',
    'The log says "API Error: 500". I fixed it.',
    '',
  ])('is not seen in what may be an answer: %s', text => {
    expect(errorOfText(text, undefined)).toBeUndefined();
    expect(errorOfText(text, 'model')).toBeUndefined();
  });
});

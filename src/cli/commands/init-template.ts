/** The address of the JSON Schema for editors, where the package is installed beside the definition. */
export const SCHEMA_BESIDE = './node_modules/session-groups/schema.json';

/** The definition that `init` writes: valid in any folder, with comments. */
export const INIT_TEMPLATE = `# yaml-language-server: $schema=${SCHEMA_BESIDE}
#
# A session group: agent sessions that work toward one goal, in dependency order, within a budget.
#   session-groups plan session-groups.yaml             check it and show the order; spends nothing
#   session-groups run session-groups.yaml --scripted   rehearse it; no model is called
#   session-groups run session-groups.yaml              run it
version: 1
name: My session group

config:
  agent: claude            # claude, scripted, or {kind: command, command: [npm, test]}
  # model: sonnet          # default: the agent's own
  budget:
    maxBudgetUsd: 5        # for the whole group, enforced while sessions run; none: no limit
    onBudgetExceeded: pause
  concurrency:
    maxConcurrent: 3       # sessions at a time
    maxPerProject: 1       # two agents in one working tree corrupt each other's commits
  permissions:
    mode: acceptEdits      # files may be edited; commands only if allowed here
    allow: []              # e.g. [Bash(npm test), Bash(git diff:*)]
    onRequest: ask         # for anything else you are asked; deny: it is refused; fail: the session fails

sessions:
  - id: explore
    projectPath: .         # relative to this file
    prompt: |
      Read this project and list the three changes that would improve it most.
      Change nothing. Answer with a numbered list.

  - id: improve
    projectPath: .
    dependsOn: [explore]   # starts once explore has completed
    prompt: |
      Make the first of these changes and describe what you did:

      {{ sessions['explore'].result }}

  - id: explain-failure
    projectPath: .
    dependsOn: [{ session: improve, when: failed }]   # otherwise skipped
    prompt: |
      This change failed: {{ sessions['improve'].error }}
      Explain what went wrong. Change nothing.
`;

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { actionsOf, argumentsOf, isPlainWork, optionsOf, plainName } from '../../src/domain/action.ts'

describe('a shell call is the programs it runs', () => {
  test.each([
    { command: 'npm test', actions: ['npm test'] },
    { command: 'cd api && npm install left-pad', actions: ['npm install'] },
    {
      command: 'git add -A && git commit -m "fix; rm -rf /" && git push',
      actions: ['git add', 'git commit', 'git push'],
    },
    { command: 'npm run build:web -- --watch', actions: ['npm run build:web'] },
    { command: 'pnpm run test', actions: ['pnpm run test'] },
    { command: '/usr/local/bin/terraform apply -auto-approve', actions: ['terraform apply'] },
    { command: './scripts/deploy.sh staging', actions: ['deploy.sh'] },
    { command: 'g++ -O2 main.cpp -o main && ./main', actions: ['g++', 'main'] },
  ])('$command', ({ command, actions }) => {
    expect(actionsOf('Bash', { command })).toEqual(actions)
  })

  test.each([
    {
      name: 'an option and its value before the subcommand',
      command: 'git -C services/api status',
      actions: ['git status'],
    },
    {
      name: 'a long option and its value before it',
      command: 'npm --prefix web run lint',
      actions: ['npm run lint'],
    },
    { name: 'a namespace before it', command: 'kubectl -n prod get pods', actions: ['kubectl get'] },
    {
      name: 'sudo, with the user to be',
      command: 'sudo -u deploy systemctl restart api',
      actions: ['systemctl restart'],
    },
    {
      name: 'timeout, with a signal in words',
      command: 'timeout --signal KILL 10 go test ./...',
      actions: ['go test'],
    },
    {
      name: 'timeout, with a signal and a duration',
      command: 'timeout -s KILL 2.5m cargo test',
      actions: ['cargo test'],
    },
    { name: 'environment variables', command: 'NODE_ENV=test CI=1 npx vitest', actions: ['npx vitest'] },
    { name: 'env', command: 'env -u HOME PORT=1 node server.js', actions: ['node'] },
    { name: 'a module of Python', command: 'python3.12 -m pytest -x tests', actions: ['pytest'] },
    {
      name: 'a condition',
      command: 'if [ -f a ]; then make lint; else make build; fi',
      actions: ['make lint', 'make build'],
    },
    { name: 'a loop', command: 'for f in *.py; do ruff $f; done', actions: ['ruff'] },
    { name: 'a subshell', command: '(cd web && npm test)', actions: ['npm test'] },
    { name: 'a substitution', command: 'kill $(pgrep node)', actions: ['kill', 'pgrep'] },
    { name: 'arithmetic', command: 'echo $((1 + 2)) && npm test', actions: ['npm test'] },
    {
      name: 'a job in the background',
      command: 'node server.js & curl localhost:3000',
      actions: ['node', 'curl'],
    },
    { name: 'redirections', command: 'make build 2>&1 >log &>all', actions: ['make build'] },
    {
      name: 'a command over several lines',
      command: 'docker run \\\n  -v $PWD:/app \\\n  image',
      actions: ['docker run'],
    },
    {
      name: 'a comment with an apostrophe',
      command: "# don't ask\nnpm test # it's quick",
      actions: ['npm test'],
    },
    { name: 'an exit at the end', command: 'npm ci || exit 1', actions: ['npm ci'] },
  ])('through $name', ({ command, actions }) => {
    expect(actionsOf('Bash', { command })).toEqual(actions)
  })

  test.each([
    {
      name: 'only reads the end of what it printed',
      command: 'npm test 2>&1 | tail -20',
      actions: ['npm test'],
    },
    { name: 'searches in it', command: 'cargo build | grep -c error | sort', actions: ['cargo build'] },
    { name: 'is a filter by itself', command: 'grep -rn TODO src | head', actions: ['grep'] },
    {
      name: 'does something else',
      command: 'cat pods.yaml | kubectl apply -f -',
      actions: ['cat', 'kubectl apply'],
    },
  ])('a pipe that $name', ({ command, actions }) => {
    expect(actionsOf('Bash', { command })).toEqual(actions)
  })

  test.each([
    { name: 'quotes', command: `python -c "import os; os.remove('a && rm b')"`, actions: ['python'] },
    {
      name: 'a quoted backslash and line break',
      command: 'psql -c "select 1; \\\n drop \\" table x"',
      actions: ['psql'],
    },
    {
      name: 'a here-document',
      command: "cat > a.sh <<EOF\nrm -rf it's\nEOF\nnpm test",
      actions: ['cat', 'npm test'],
    },
    {
      name: 'a quoted here-document',
      command: "python - <<-'PY' | tee log\nprint(1)\n\tPY\nls",
      actions: ['python', 'ls'],
    },
    { name: 'an empty here-document', command: 'cat <<X\nX\nmake lint', actions: ['cat', 'make lint'] },
    { name: 'a here-document cut short', command: 'cat <<EOF > a\nrm b\nrm c', actions: ['cat'] },
    { name: 'a here-string', command: 'python - <<< "import x"\nnpm test', actions: ['python', 'npm test'] },
  ])('what stands in $name is no command', ({ command, actions }) => {
    expect(actionsOf('Bash', { command })).toEqual(actions)
  })

  test.each([
    { name: 'a shell and its script', command: ['bash', '-lc', 'cd api && npm test'], actions: ['npm test'] },
    { name: 'a shell by its path', command: ['/bin/zsh', '-c', 'git status'], actions: ['git status'] },
    {
      name: 'a program and its arguments',
      command: ['git', 'commit', '-m', 'fix; rm -rf /'],
      actions: ['git commit'],
    },
    { name: 'nothing', command: [], actions: ['shell'] },
    { name: 'no texts', command: ['git', 3], actions: ['shell'] },
  ])('an array that holds $name', ({ command, actions }) => {
    expect(actionsOf('shell', { command })).toEqual(actions)
  })

  test.each([
    { name: 'cmd', input: { cmd: 'go vet ./...' }, actions: ['go vet'] },
    { name: 'script', input: { script: 'make' }, actions: ['make'] },
    { name: 'no command', input: { command_id: 7 }, actions: ['exec_command'] },
    { name: 'only what is no action', input: { command: 'cd /srv && echo hi' }, actions: ['exec_command'] },
    { name: 'quoted words only', input: { command: '"$HOME/my tool" now' }, actions: ['exec_command'] },
  ])('an input with $name', ({ input, actions }) => {
    expect(actionsOf('exec_command', input)).toEqual(actions)
  })
})

describe('a program with subcommands is what it is told to do', () => {
  test.each([
    { command: 'pnpm --filter web generate', action: 'pnpm generate' },
    { command: 'pnpm -F web run build:css', action: 'pnpm run build:css' },
    { command: 'npm -w web run codegen', action: 'npm run codegen' },
    { command: 'yarn workspace web build:css', action: 'yarn build:css' },
    { command: 'docker compose -f infra/dev.yml --profile dev up -d', action: 'docker compose up' },
    { command: 'docker-compose -f a.yml down', action: 'docker-compose down' },
    { command: 'docker run -p 80:80 nginx', action: 'docker run' },
    { command: 'cargo +nightly test', action: 'cargo test' },
    { command: 'make -j 4 CC=gcc -C api all', action: 'make all' },
    { command: 'make out/main.o', action: 'make' },
    { command: 'git --git-dir /srv/a.git stash pop', action: 'git stash pop' },
    { command: 'git remote -v', action: 'git remote' },
    {
      command: 'kubectl --context prod -n shop rollout restart deploy/api',
      action: 'kubectl rollout restart',
    },
    { command: 'gh pr create --fill', action: 'gh pr create' },
    { command: 'gh -R acme/web pr view 17', action: 'gh pr view' },
    { command: 'gh api repos/acme/web', action: 'gh api' },
    { command: 'aws --profile dev s3 sync a s3://b', action: 'aws s3 sync' },
    { command: 'terraform -chdir=infra plan', action: 'terraform plan' },
    { command: 'go test ./...', action: 'go test' },
    { command: 'go -C api mod tidy', action: 'go mod tidy' },
    { command: 'mvn -q -pl api spring-boot:run', action: 'mvn spring-boot:run' },
    { command: './gradlew :app:assembleDebug', action: 'gradlew :app:assembleDebug' },
    { command: 'uv pip install -r all.txt', action: 'uv pip install' },
    { command: 'systemctl --user restart api', action: 'systemctl restart' },
    { command: 'pnpm "$task"', action: 'pnpm' },
  ])('$command', ({ command, action }) => {
    expect(actionsOf('Bash', { command })).toEqual([action])
  })

  test.each([
    { command: 'npx -y prisma@5 migrate deploy', action: 'npx prisma migrate' },
    { command: 'npx @acme/check src', action: 'npx @acme/check' },
    { command: 'npx --package typescript tsc -p .', action: 'npx tsc' },
    { command: 'uvx ruff check', action: 'uvx ruff' },
    { command: 'pnpm dlx create-vite@latest app', action: 'pnpm dlx create-vite' },
    { command: 'uv run --with httpx pytest -x', action: 'uv run pytest' },
    { command: 'uv run python -m pytest tests', action: 'uv run pytest' },
    { command: 'uv run scripts/load.py', action: 'uv run' },
    { command: 'poetry run alembic upgrade head', action: 'poetry run alembic' },
    { command: 'bundle exec rails db:migrate', action: 'bundle exec rails' },
    { command: 'conda run -n ml python train.py', action: 'conda run python' },
    { command: 'python3 -u -W error -m unittest', action: 'unittest' },
    { command: 'npx npx npx npx vitest', action: 'npx npx npx' },
  ])('or what it runs, in three words at most: $command', ({ command, action }) => {
    expect(actionsOf('Bash', { command })).toEqual([action])
  })

  test.each([
    { command: "bash -c 'cd web && pnpm build'", actions: ['pnpm build'] },
    { command: 'sudo bash -lc "make deploy | tail -5"', actions: ['make deploy'] },
    { command: 'sh -c "echo \\"a && b\\" && systemctl restart api"', actions: ['systemctl restart'] },
    { command: 'docker exec db sh -c "psql -f a.sql"', actions: ['docker exec', 'psql'] },
    { command: 'bash scripts/load.sh -c', actions: ['bash'] },
    { command: 'echo "bash -c" \'rm a\'', actions: ['Bash'] },
  ])('a shell is what it is told to run: $command', ({ command, actions }) => {
    expect(actionsOf('Bash', { command })).toEqual(actions)
  })
})

describe('a tool is its name', () => {
  test.each([
    { tool: 'get_order', name: 'get_order' },
    { tool: 'mcp__tracker__create issue', name: 'mcp__tracker__create issue' },
    { tool: 'evil\n---\ntool\u001b[31m\ud800', name: 'evil --- tool' },
    { tool: ' \n ', name: '(no name)' },
    { tool: 'x'.repeat(10_000), name: 'x'.repeat(200) },
  ])('$name', ({ tool, name }) => {
    expect(actionsOf(tool, { command: 'npm test' })).toEqual([name])
  })
})

describe('whatever the command', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          '"',
          "'",
          '\\',
          '<<',
          'EOF',
          '\n',
          '$(',
          ')',
          ' ',
          '|',
          '&',
          '&&',
          ';',
          '#',
          '-m',
          'python',
          'sudo',
          'timeout',
          'npm',
          'run',
          'git',
          '-C',
          '=',
          '`',
          '\0',
        ),
        { maxLength: 60 },
      )
      .map((it) => it.join('')),
  )

  test('there is an action, and every action is one short line', () => {
    fc.assert(
      fc.property(hostile, (command) => {
        const actions = actionsOf('Bash', { command })
        expect(actions.length).toBeGreaterThan(0)
        for (const it of actions) expect(it).toMatch(/^[^\s\p{Cc}]+(?: [^\s\p{Cc}]+)*$/u)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    { name: 'open quotes', unit: '\\"' },
    { name: 'here-documents', unit: '<<a\n' },
    { name: 'prefixes', unit: 'sudo ' },
    { name: 'pipes', unit: '|' },
    { name: 'comments', unit: '#\n' },
    { name: 'words', unit: 'a-' },
    { name: 'shells', unit: "sh -c '" },
    { name: 'programs that run programs', unit: 'npx ' },
  ])('a megabyte of $name is read in no time', ({ unit }) => {
    const command = `"${unit.repeat(1_000_000 / unit.length)}`
    const started = performance.now()
    actionsOf('Bash', { command })
    // Milliseconds on any machine; minutes if it grew with the square of the length.
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('the options of a program', () => {
  test.each([
    { command: 'pip install --user -q numpy', of: 'pip install', options: ['--user', '-q'] },
    {
      command: 'pip install --index-url=https://ana.example/17 x',
      of: 'pip install',
      options: ['--index-url'],
    },
    { command: 'ls -la && pip install x', of: 'pip install', options: [] },
    { command: 'git commit -m "use --force now"', of: 'git commit', options: ['-m'] },
    { command: 'head -20 a.txt', of: 'head', options: [] },
  ])('of $of in `$command` are $options', ({ command, of, options }) => {
    expect([...optionsOf('Bash', { command }, of)]).toEqual(options)
  })

  test('a tool that is no shell has none', () => {
    expect(optionsOf('find_order', { command: 'find_order --all' }, 'find_order')).toEqual(new Set())
  })
})

test.each([
  { action: 'cat', is: true },
  { action: 'sed', is: true },
  { action: 'ls', is: true },
  { action: 'python3', is: true },
  { action: 'git diff', is: true },
  { action: 'docker compose ps', is: true },
  { action: 'kubectl get', is: true },
  { action: 'docker compose up', is: false },
  { action: 'go get', is: false },
  { action: 'git pull', is: false },
  { action: 'pip install', is: false },
  { action: 'mkdir', is: false },
])(
  'that $action went well says nothing about why another program works afterwards: $is',
  ({ action, is }) => {
    expect(isPlainWork(action)).toBe(is)
  },
)

test.each([
  { name: 'my\n---\ntool', plain: 'my --- tool' },
  { name: 'a` and `b', plain: "a' and 'b" },
  { name: ' \u0000 ', plain: '(no name)' },
])('the name $name stands in a sentence as $plain', ({ name, plain }) => {
  expect(plainName(name)).toBe(plain)
})

test.each([
  { tool: 'book', input: { day: 1, raw: 'x' }, names: ['day', 'raw'] },
  { tool: 'apply_patch', input: { raw: '*** Begin Patch' }, names: ['input'] },
  { tool: 'Bash', input: { command: 'npm test', timeout: 10 }, names: ['timeout'] },
  { tool: 'deploy', input: { command: 'now' }, names: ['command'] },
])('$tool is given $names', ({ tool, input, names }) => {
  expect(argumentsOf(tool, input).map(([name]) => name)).toEqual(names)
})

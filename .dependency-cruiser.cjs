/**
 * The floors of `src/`: a room imports what is below it, never beside or above.
 */
const floors = [
  ['wire', '^src/wire/'],
  [
    'tokens',
    '^src/(tokens|addition_tokens|choice_tokens|job_tokens|model_tokens|paper_tokens|sandbox_tokens|request)\\.ts$'
  ],
  ['api', '^src/(api|library_api|monitor_api|records_api|events)\\.ts$'],
  ['model', '^src/(model/|commands\\.ts$)'],
  ['review', '^src/review/'],
  ['widgets', '^src/widgets/'],
  ['wiring', '^src/wiring/'],
  ['plugins', '^src/plugins/'],
  ['index', '^src/index\\.ts$']
];

/** Floors that one may import: all those before it; the rooms are strangers. */
const below = {
  wire: [],
  tokens: ['wire', 'tokens'],
  api: ['wire', 'tokens', 'api'],
  model: ['wire', 'tokens', 'api', 'model'],
  review: ['wire', 'tokens', 'api', 'model', 'review'],
  widgets: ['wire', 'tokens', 'api', 'model', 'widgets'],
  wiring: ['wire', 'tokens', 'api', 'model', 'widgets'],
  plugins: ['wire', 'tokens', 'api', 'model', 'review', 'widgets', 'wiring'],
  index: ['tokens', 'plugins']
};

const pathOf = Object.fromEntries(floors);

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A module that nobody imports and that imports nothing.',
      from: { orphan: true, pathNot: '(__tests__|\\.d\\.ts$)' },
      to: {}
    },
    {
      name: 'every-file-has-a-floor',
      severity: 'error',
      comment: 'A new file belongs to a room.',
      from: {},
      to: {
        path: '^src/',
        pathNot: [...floors.map(([, path]) => path), '^src/__tests__/']
      }
    },
    {
      name: 'no-tests-in-source',
      severity: 'error',
      from: { pathNot: '^src/__tests__/' },
      to: { path: '^src/__tests__/' }
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/__tests__/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] }
    },
    ...floors.map(([name, path]) => ({
      name: `${name}-imports-only-lower-floors`,
      severity: 'error',
      from: { path },
      to: {
        path: '^src/',
        pathNot: below[name].map(floor => pathOf[floor])
      }
    }))
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types']
    }
  }
};

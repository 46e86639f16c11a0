import {
  NO_CHOICE,
  askOf,
  choose,
  chosenOf,
  readChoice
} from '../../model/paper_choice';
import { candidate, paper, unit } from '../fakes/paper';

const CANDIDATES = [
  candidate('a', { score: 0.9 }),
  candidate('b', { score: 0.8 }),
  candidate('c', { score: 0.3 })
];

describe('the scope', () => {
  it('is what is about as likely as the likeliest, at first', () => {
    expect(chosenOf(CANDIDATES, NO_CHOICE)).toEqual(['a', 'b']);
    expect(chosenOf([], NO_CHOICE)).toEqual([]);
  });

  it('is what the person chose, in the order of the paper’s list', () => {
    const more = choose(CANDIDATES, NO_CHOICE, 'c', true);
    const less = choose(CANDIDATES, more, 'a', false);
    expect(chosenOf(CANDIDATES, less)).toEqual(['b', 'c']);
    const none = ['b', 'c'].reduce(
      (choice, id) => choose(CANDIDATES, choice, id, false),
      less
    );
    expect(chosenOf(CANDIDATES, none)).toEqual([]);
  });

  it('names nothing that is not there', () => {
    const choice = { scope: ['gone', 'a'], answers: {} };
    expect(chosenOf(CANDIDATES, choice)).toEqual(['a']);
  });
});

describe('askOf', () => {
  it('sends answers to open questions, and no empty ones', () => {
    const units = [
      unit('u1', { status: 'unresolved' }),
      unit('u2', { status: 'unresolved' }),
      unit('u3')
    ];
    const answers = { u1: '  Nelder-Mead ', u2: '  ', u3: 'x' };
    const ask = askOf({ uri: 'a.pdf' }, paper(), units, {
      scope: null,
      answers
    });
    expect(ask).toEqual({
      uri: 'a.pdf',
      scope: ['c1'],
      answers: [{ unit: 'u1', text: 'Nelder-Mead' }]
    });
  });

  it('keeps within what the server takes', () => {
    const units = Array.from({ length: 70 }, (_, at) =>
      unit(`u${at}`, { status: 'unresolved' })
    );
    const answers = Object.fromEntries(
      units.map(({ id }) => [id, 'x'.repeat(3000)])
    );
    const ask = askOf({ uri: 'a' }, paper(), units, { scope: null, answers });
    expect(ask.answers).toHaveLength(60);
    expect(ask.answers?.[0]?.text).toHaveLength(2000);
  });
});

describe('readChoice', () => {
  it.each([
    [undefined, NO_CHOICE],
    [{ scope: 'a', answers: 3 }, NO_CHOICE],
    [
      { scope: ['a', 1], answers: { u: 'x', v: 2 } },
      { scope: ['a'], answers: { u: 'x' } }
    ]
  ])('%j', (value, choice) => {
    expect(readChoice(value)).toEqual(choice);
  });
});

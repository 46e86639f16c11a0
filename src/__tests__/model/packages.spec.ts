import { parsePackages } from '../../model/packages';

describe('parsePackages', () => {
  it.each([
    ['', []],
    [' polars \n\n networkx>=3 ', ['polars', 'networkx>=3']],
    ['polars, networkx', ['polars', 'networkx']],
    ['polars  # fast\n# nothing\npolars', ['polars']]
  ])('reads %j', (text, names) => {
    expect(parsePackages(text)).toEqual(names);
  });
});

import { Author, nameOf } from '../../model/record_author';

const ADA = {
  username: 'ada',
  name: 'Ada Lovelace',
  display_name: 'Ada L.',
  initials: 'AL',
  color: ''
};

describe('author', () => {
  it('is the person that the server knows, at this time in UTC', () => {
    const author = new Author();
    const now = new Date('2026-01-02T03:04:05+02:00');
    const at = '2026-01-02T01:04:05.000Z';
    expect(author.stamp(now)).toEqual({ at, by: '' });
    author.follow({ identity: ADA });
    expect(author.stamp(now)).toEqual({ at, by: 'Ada L.' });
  });

  it('has no name where the server has made one up', () => {
    const invented = {
      ...ADA,
      username: '0123456789abcdef0123456789abcdef',
      name: 'Anonymous Io',
      display_name: 'Anonymous Io'
    };
    expect(nameOf(invented)).toBe('');
    expect(nameOf({ ...invented, username: 'io' })).toBe('Anonymous Io');
  });

  it('falls back on what there is, within bounds', () => {
    expect(nameOf(null)).toBe('');
    expect(nameOf({ ...ADA, display_name: '', name: '' })).toBe('ada');
    expect(nameOf({ ...ADA, display_name: 'x'.repeat(999) })).toHaveLength(200);
  });
});

import { takeDrops } from '../../widgets/paper_drop';

const PATHS = 'application/x-jupyter-icontents';

function place() {
  const node = document.createElement('div');
  const child = document.createElement('p');
  node.append(child);
  const onFiles = jest.fn();
  const onPaths = jest.fn();
  takeDrops(node, { onFiles, onPaths });
  const send = (type: string, fields: object, from: Element = child) => {
    const event = Object.assign(
      new Event(type, { bubbles: true, cancelable: true }),
      fields
    );
    from.dispatchEvent(event);
    return event;
  };
  return {
    onFiles,
    onPaths,
    send,
    marked: () => node.classList.contains('jp-mod-drop')
  };
}

describe('takeDrops', () => {
  const file = new File(['x'], 'a.pdf');
  const dataTransfer = { types: ['Files'], files: [file], dropEffect: '' };

  it('takes files of the person’s machine', () => {
    const { send, onFiles, marked } = place();
    send('dragenter', { dataTransfer });
    send('dragenter', { dataTransfer });
    send('dragleave', { dataTransfer });
    expect(marked()).toBe(true);
    expect(send('dragover', { dataTransfer }).defaultPrevented).toBe(true);
    expect(dataTransfer.dropEffect).toBe('copy');
    send('drop', { dataTransfer });
    expect(onFiles).toHaveBeenCalledWith([file]);
    expect(marked()).toBe(false);
  });

  it('leaves text alone that is dropped into a field', () => {
    const { send, onFiles, marked } = place();
    const text = { types: ['text/plain'], files: [] };
    send('dragenter', { dataTransfer: text });
    const event = send('drop', { dataTransfer: text });
    expect([event.defaultPrevented, marked()]).toEqual([false, false]);
    expect(onFiles).not.toHaveBeenCalled();
  });

  it('takes paths of the file browser', () => {
    const { send, onPaths, marked } = place();
    const drag = {
      mimeData: {
        hasData: (type: string) => type === PATHS,
        getData: () => ['papers/a.pdf']
      },
      proposedAction: 'move',
      dropAction: 'none'
    };
    send('lm-dragenter', drag);
    expect(marked()).toBe(true);
    expect(send('lm-dragover', drag)).toMatchObject({ dropAction: 'move' });
    send('lm-drop', drag);
    expect(onPaths).toHaveBeenCalledWith(['papers/a.pdf']);
    expect(marked()).toBe(false);
  });

  it('takes no other drag of JupyterLab', () => {
    const { send, onPaths } = place();
    const drag = { mimeData: { hasData: () => false }, dropAction: 'none' };
    expect(send('lm-dragover', drag).defaultPrevented).toBe(false);
    send('lm-drop', drag);
    expect(onPaths).not.toHaveBeenCalled();
  });
});

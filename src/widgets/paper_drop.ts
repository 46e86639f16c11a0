/**
 * What JupyterLab calls the paths that are dragged out of a file browser.
 */
const PATHS = 'application/x-jupyter-icontents';

const OVER_CLASS = 'jp-mod-drop';

/**
 * What is done with what was dropped.
 */
export interface IDropVerbs {
  /**
   * Files of the person's machine.
   */
  onFiles: (files: readonly File[]) => void;

  /**
   * Paths of the file browser.
   */
  onPaths: (paths: readonly string[]) => void;
}

/**
 * A drag within JupyterLab, as far as it is used here.
 */
interface ILabDrag extends Event {
  readonly mimeData: {
    hasData(type: string): boolean;
    getData(type: string): unknown;
  };
  readonly proposedAction: string;
  dropAction: string;
}

/**
 * Take files that are dropped on an element: of the person's machine, and of
 * the file browser.
 */
export function takeDrops(node: HTMLElement, verbs: IDropVerbs): void {
  let depth = 0;
  const mark = (change: number): void => {
    depth = Math.max(0, depth + change);
    node.classList.toggle(OVER_CLASS, depth > 0);
  };
  const native =
    (act: (event: DragEvent) => void) =>
    (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files')) {
        event.preventDefault();
        event.stopPropagation();
        act(event);
      }
    };
  node.addEventListener(
    'dragenter',
    native(() => mark(1))
  );
  node.addEventListener(
    'dragleave',
    native(() => mark(-1))
  );
  node.addEventListener(
    'dragover',
    native(({ dataTransfer }) => {
      if (dataTransfer) {
        dataTransfer.dropEffect = 'copy';
      }
    })
  );
  node.addEventListener(
    'drop',
    native(({ dataTransfer }) => {
      mark(-depth);
      verbs.onFiles([...(dataTransfer?.files ?? [])]);
    })
  );
  takeLabDrops(node, mark, verbs);
}

function takeLabDrops(
  node: HTMLElement,
  mark: (change: number) => void,
  { onPaths }: IDropVerbs
): void {
  const lab =
    (act: (event: ILabDrag) => void) =>
    (event: Event): void => {
      const drag = event as ILabDrag;
      if (drag.mimeData.hasData(PATHS)) {
        event.preventDefault();
        event.stopPropagation();
        act(drag);
      }
    };
  // Lumino tells of the target as a whole, not of each element below it.
  node.addEventListener(
    'lm-dragenter',
    lab(() => mark(1))
  );
  node.addEventListener(
    'lm-dragleave',
    lab(() => mark(-1))
  );
  node.addEventListener(
    'lm-dragover',
    lab(drag => {
      drag.dropAction = drag.proposedAction;
    })
  );
  node.addEventListener(
    'lm-drop',
    lab(drag => {
      mark(-1);
      if (drag.proposedAction === 'none') {
        drag.dropAction = 'none';
        return;
      }
      drag.dropAction = drag.proposedAction;
      const paths = drag.mimeData.getData(PATHS);
      onPaths(Array.isArray(paths) ? paths.map(String) : []);
    })
  );
}

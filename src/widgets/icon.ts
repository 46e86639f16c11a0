import { LabIcon } from '@jupyterlab/ui-components';

import svgstr from '../../style/gptoss.svg';

/**
 * A cell that comes out of a page.
 */
export const gptossIcon = new LabIcon({ name: 'gptoss-lab:panel', svgstr });

import { LabIcon } from '@jupyterlab/ui-components';

import svgstr from '../../style/gptoss.svg';
import shieldSvgstr from '../../style/shield.svg';

/**
 * A cell that comes out of a page.
 */
export const gptossIcon = new LabIcon({ name: 'gptoss-lab:panel', svgstr });

/**
 * A shield: what runs there is kept apart.
 */
export const shieldIcon = new LabIcon({
  name: 'gptoss-lab:shield',
  svgstr: shieldSvgstr
});

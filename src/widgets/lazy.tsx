import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

/**
 * What `import()` returns of a module with one component.
 */
export interface ILazyModule<P> {
  default: React.ComponentType<P>;
}

/**
 * A component whose code is loaded when it is first shown. Where that fails, as
 * after an update of the server, it says so; the rest of the panel stays.
 */
export function Lazy<P extends object>(props: {
  load: () => Promise<ILazyModule<P>>;
  trans: TranslationBundle;
  props: P;
}): JSX.Element {
  const { load, trans } = props;
  const [loaded, setLoaded] = useState<ILazyModule<P> | null>(null);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let gone = false;
    load().then(
      module => !gone && setLoaded(module),
      () => !gone && setFailed(true)
    );
    return () => {
      gone = true;
    };
    // Whoever shows it gives the same function in other words each time.
  }, [tries]);
  if (loaded) {
    const Loaded = loaded.default;
    return <Loaded {...props.props} />;
  }
  return failed ? (
    <div className="jp-Gptoss-body">
      <div className="jp-Gptoss-note jp-mod-warning" role="alert">
        {trans.__(
          'This part of the page could not be loaded. Check that Jupyter Server is running; after an update, load the page again.'
        )}
        <button
          type="button"
          className="jp-Gptoss-button"
          onClick={() => {
            setFailed(false);
            setTries(tries + 1);
          }}
        >
          {trans.__('Try again')}
        </button>
      </div>
    </div>
  ) : (
    <div className="jp-Gptoss-body">
      <p className="jp-Gptoss-teach" role="status">
        {trans.__('Loading…')}
      </p>
    </div>
  );
}

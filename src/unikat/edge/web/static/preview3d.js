// Unikat: the 3D preview of a part; three.js is loaded when first needed, and the poster stays without it.

const libraries = () => Promise.all([
  import("three"),
  import("three/addons/loaders/GLTFLoader.js"),
  import("three/addons/controls/OrbitControls.js"),
]);

/** Open a preview in a box; returns a function that shows a GLB address, or null where 3D cannot be had. */
export async function openPreview(box) {
  let three, loaders, controls;
  try {
    [three, loaders, controls] = await libraries();
  } catch {
    return null;
  }
  let renderer;
  try {
    renderer = new three.WebGLRenderer({ antialias: true, alpha: true });
  } catch {
    return null;
  }
  const scene = new three.Scene();
  const camera = new three.PerspectiveCamera(32, 4 / 3, 0.005, 10);
  camera.position.set(0.34, 0.36, 0.42);
  const sun = new three.DirectionalLight(0xffffff, 2.4);
  sun.position.set(0.6, 1.2, 0.5);
  const rim = new three.DirectionalLight(0xbfe3de, 1.2);
  rim.position.set(-0.8, 0.3, -0.7);
  scene.add(sun, rim, new three.HemisphereLight(0xffffff, 0xb9c4c4, 1.1));
  const orbit = new controls.OrbitControls(camera, renderer.domElement);
  orbit.enablePan = false;
  orbit.enableZoom = false;
  renderer.domElement.setAttribute("aria-hidden", "true");
  let part = null;
  const draw = () => renderer.render(scene, camera);
  const fit = () => {
    const { width, height } = box.getBoundingClientRect();
    if (!width || !height) return;
    renderer.setPixelRatio(Math.min(2, window.devicePixelRatio || 1));
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    draw();
  };
  orbit.addEventListener("change", draw);
  new ResizeObserver(fit).observe(box);
  const loader = new loaders.GLTFLoader();
  return async function show(address) {
    const { scene: loaded } = await loader.loadAsync(address);
    if (part) scene.remove(part);
    part = loaded;
    const bounds = new three.Box3().setFromObject(part);
    const centre = bounds.getCenter(new three.Vector3());
    part.position.sub(centre);
    const size = bounds.getSize(new three.Vector3()).length() || 0.3;
    const distance = size * 1.55;
    camera.position.setLength(distance);
    scene.add(part);
    if (!renderer.domElement.isConnected) {
      box.append(renderer.domElement);
      box.querySelector(".poster")?.remove();
    }
    fit();
    orbit.update();
    box.dataset.shown = address;
  };
}

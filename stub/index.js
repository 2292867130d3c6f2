throw new Error(
  "This native module is left out of a light clone; gpu.js catches this and reports the mode as unavailable.",
);

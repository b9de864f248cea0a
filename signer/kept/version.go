package kept

// Version is the version of what lies on the disk: one more with each change that
// makes older entries useless.
const Version = schemaVersion

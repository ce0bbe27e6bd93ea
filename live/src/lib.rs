//! The life of a broadcast: who may publish and watch, and what is live now.

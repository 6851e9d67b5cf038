// Package pickle judges Python pickles: may this file be loaded?
//
// For most use cases put [Scanner] into the table of scanners. A scanner of a container that holds pickles (torch zip, npy, joblib) calls
// [Judge] on the stream, or derives it.
//
// # Verdicts
//
// The verdict comes from the calls that loading would make, never from substrings. Malicious: a name with a known dangerous effect is imported
// or reached (through getattr, partial, import_module and their like), an imported object is changed, or a name is computed. Unverified: something is
// used that is not on the allowlist in exactly this way. OK: everything is. Error: the stream breaks off or exceeds a bound. Package policy holds the tables.
//
// # Pickles inside pickles
//
// Strings that are complete pickles, plain or encoded, are judged like streams of their own: whatever is in them counts. Functions that unpickle
// their argument are dangerous by themselves. Two kinds are followed into the argument when it is a literal: torch.storage._load_from_bytes, which real
// files contain, is as good as its bytes; pickle.loads and its like (effect "unpickle") are at best unverified, because no serializer writes them.
//
// # Streams after the first
//
// A second pickle right behind the first, or behind padding, is judged too. In raw data behind the last one, pickles that can be
// decoded to their end and import something are found by their first bytes.
package pickle

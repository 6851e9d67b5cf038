// Package ledger is an append-only log of what was decided, by whom and why, that
// proves afterwards that nothing in it was changed, removed, reordered or cut off.
//
// A ledger is a folder:
//
//	ledger.json   what it is called and whose checkpoints count (public)
//	wal.jsonl     the write-ahead log: one entry a line, each with the SHA-256 of the
//	              line before it; an append is acknowledged when this file is synced
//	log/          the same entries as a tiled transparency log (C2SP tlog-tiles), with
//	              a signed checkpoint (C2SP tlog-checkpoint) over their Merkle tree
//	              (RFC 6962), kept by Tessera
//	lock          held by the one process that writes
//
// The write-ahead log says what happened; the checkpoint makes it provable. After a
// crash the entries that are in the first and not yet in the second are added when
// the ledger is opened again. Whoever holds an older checkpoint can prove that the
// ledger of today extends it (see [VerifyOptions]); without one, an older copy of
// the whole folder cannot be told from the folder.
//
// The key that signs checkpoints belongs outside the folder and is no key that signs
// anything else.
package ledger

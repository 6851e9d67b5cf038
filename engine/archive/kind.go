package archive

// Kind names what is odd about an archive or a member.
type Kind string

// Kinds that concern a zip as a whole.
const (
	KindPrefix        Kind = "prefix"         // bytes before the first member: another file, or a self-extractor
	KindTrailing      Kind = "trailing"       // bytes after the end record and its comment, or after a compressed stream
	KindGap           Kind = "gap"            // bytes between members that no view describes
	KindNoDirectory   Kind = "no-directory"   // members but no central directory that can be read
	KindDirectories   Kind = "directories"    // more than one central directory
	KindDirectorySize Kind = "directory-size" // the end record's counts or sizes do not fit the directory
	KindMultiDisk     Kind = "multi-disk"     // claims to be split over several files
	KindComment       Kind = "comment"        // the comment's length does not fit the file
)

// Kinds that concern a member of a zip.
const (
	KindCentralOnly     Kind = "central-only"     // the directory names it, its local header does not exist
	KindLocalOnly       Kind = "local-only"       // a local header that no directory names
	KindName            Kind = "name"             // the views name it differently
	KindFlags           Kind = "flags"            // the views differ in general purpose bits
	KindMethod          Kind = "method"           // the views differ in compression method
	KindSize            Kind = "size"             // the views, or the content, differ in size
	KindCRC             Kind = "crc"              // the views, or the content, differ in checksum
	KindEncrypted       Kind = "encrypted"        // the encryption bit is set
	KindDescriptor      Kind = "descriptor"       // the data descriptor does not fit the directory
	KindDuplicate       Kind = "duplicate"        // another member has the same name
	KindFolded          Kind = "folded-duplicate" // another member has the same name for a reader that folds names
	KindShared          Kind = "shared-header"    // another entry points to the same local header
	KindOverlap         Kind = "overlap"          // its bytes overlap another member's
	KindTruncated       Kind = "truncated"        // its data end after the archive
	KindOddName         Kind = "odd-name"         // NUL, backslash, control characters or invalid UTF-8 in the name
	KindExtra           Kind = "extra"            // extra fields that readers take differently
	KindDirectoryData   Kind = "directory-data"   // named like a directory, but has content
	KindLeftover        Kind = "leftover"         // compressed bytes after the end of its stream
	KindChecksum        Kind = "checksum"         // a compressed stream's own checksum does not fit
	KindHeader          Kind = "header"           // a damaged header that was skipped or read with care
	KindAfterEnd        Kind = "after-end"        // members after the end marker
	KindTooManyMembers  Kind = "too-many-members" // the archive has more members than the limit; the rest was not read
	KindSizingExhausted Kind = "sizing-exhausted" // the limit for finding members of unknown size was reached
)

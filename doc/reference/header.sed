# A header as Doxygen wants it: what it opens with is about the file, a comment
# behind a field belongs to that field, and a constant is listed also when its
# name says it all.
1s|^/\*\*|/** @file|
s|^\(.*[;,{A-Za-z_0-9)]\) */\* \(.*\)$|\1 /**< \2|
s|^ *DBC_[A-Z0-9_]*\( = [^,/]*\)\{0,1\},\{0,1\}$|& /**< \&nbsp; */|

# A header as Doxygen wants it: what it opens with is about the file, a comment
# behind a field, or behind several, belongs to them, and a constant is listed
# also when its name says it all.
1s|^/\*\*|/** @file|
s|^ *\([a-z_0-9 ]* \)\(\**[a-z_]*\), \(\**[a-z_]*\), \(\**[a-z_]*\); */\* \(.*\*/\)$|\1\2; /**< \5 \1\3; /**< \5 \1\4; /**< \5|
s|^ *\([a-z_0-9 ]* \)\(\**[a-z_]*\), \(\**[a-z_]*\); */\* \(.*\*/\)$|\1\2; /**< \4 \1\3; /**< \4|
s|^\(.*[;,{A-Za-z_0-9)]\) */\* \(.*\)$|\1 /**< \2|
s|^ *DBC_[A-Z0-9_]*\( = [^,/]*\)\{0,1\},\{0,1\}$|& /**< \&nbsp; */|

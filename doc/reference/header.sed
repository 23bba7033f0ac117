# A header as Doxygen wants it: the file is one of the reference, and a comment
# behind a field belongs to that field.
1s|^|/** @file */ |
s|^\(.*[;,{A-Za-z_0-9)]\) */\* \(.*\)$|\1 /**< \2|

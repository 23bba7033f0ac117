// Where a fuzz program begins: with a seed, or with bytes that libFuzzer has
// chosen.
#include "fuzz.h"

#ifdef DBCORE_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz f = {.bytes = data, .left = size, .state = 1};

    fuzz_play(&f);
    return 0;
}

#else

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, fuzz_play);
}

#endif

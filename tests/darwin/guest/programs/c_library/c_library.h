#include "../check.h"

void stdio_tests(void);
void string_tests(void);
void ctype_tests(void);
void getopt_tests(void);
void jump_tests(void);
void stdlib_tests(void);
void error_tests(void);
void time_tests(void);
void thread_tests(void);
void signal_tests(void);
void file_tests(void);
void compiler_tests(void);
void block_tests(void);
